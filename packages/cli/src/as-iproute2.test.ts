import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { shell } from './testing/shell.ts'

const folder = new URL('../../../conformance/cases/iproute2-json/', import.meta.url)

interface Recording {
  readonly scenario: string
  readonly setup: readonly (string | { readonly request: string })[]
  readonly shows: Readonly<Record<string, string | readonly Record<string, unknown>[]>>
}

/** What was not said with `ip`, in our words. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  'netkit-single': [
    'link add nk0 numrxqueues 4 type netkit mode l2 pairing single',
    'link add nk1 numrxqueues 1 type netkit mode l3 pairing single',
  ],
  nic: ['nic add eth0 queues 4 id 10'],
}
/** Traffic is made by programs of Linux. */
const LEFT_OUT = ['traffic']

const recordings = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording)
  .filter(({ scenario }) => !LEFT_OUT.includes(scenario))

/** Addresses and ids that a kernel makes up look alike then; ours alone are left out. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(
    ([key]) => !['headroom', 'tailroom', 'pairing', 'vfinfo_list'].includes(key),
  )
  return Object.fromEntries(members.map(([key, v]) => [key, random(key, v) ? 'random' : comparable(v)]))
}
const random = (key: string, value: unknown): boolean =>
  key === 'phys_switch_id' || (key === 'address' && typeof value === 'string' && !/^0[02]:00:00/.test(value))

const blurred = (text: string): string =>
  text
    .replaceAll(/(?<=link\/ether )(?!0[02]:00:00)\S+/g, 'random')
    .replaceAll(/(?<=(?:DOWN|UP|UNKNOWN) +)(?!0[02]:00:00)[0-9a-f]{2}(:[0-9a-f]{2}){5}/g, 'random')
    .replaceAll(/switchid [0-9a-f]+/g, 'switchid random')
    .replaceAll(' pairing single', '')
    .replaceAll(/ +(?=\n|\\|$)/g, '')

describe.each(recordings)('the words of ip lead to what ip shows: $scenario', ({ scenario, setup, shows }) => {
  const lines = [
    ...(OURS[scenario] ?? []),
    ...setup.flatMap((step) => (typeof step === 'string' && step.startsWith('ip ') ? [step.slice('ip '.length)] : [])),
  ]
  const commands = Object.keys(shows).filter((command) => !/ -s|always|-p/.test(command))

  test(commands.join(', '), async () => {
    const netkit = shell()
    for (const line of lines) expect(await netkit(line), line).toEqual({ status: 0, out: expect.any(String), err: '' })
    for (const command of commands) {
      const { out, status } = await netkit(command.slice('ip '.length))
      expect(status, command).toBe(0)
      const wanted = shows[command]
      if (typeof wanted === 'string') expect(blurred(out), command).toBe(blurred(wanted))
      else
        expect(comparable(JSON.parse(out)), command).toEqual(
          comparable(wanted.filter((link) => Object.keys(link).length > 0)),
        )
    }
  })
})
