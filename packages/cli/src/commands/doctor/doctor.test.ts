import { embedded, simulatedWorld } from '@netkit/kernel'
import { linux, whyNotHere } from '@netkit/linux'
import type { KernelDoors } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { KernelName } from '../../grammar/values.ts'
import { difference, readState } from '../../process/testing/state.ts'
import { shell } from '../../testing/shell.ts'
import type { Caller, Machine } from '../context.ts'

const ROOT: Caller = {
  uid: 0,
  capabilities: new Set(['CAP_NET_ADMIN', 'CAP_SYS_ADMIN', 'CAP_NET_BROADCAST']),
  initialUserNamespace: true,
  filtered: false,
}

const machine = (differs: Partial<Machine> = {}) => ({
  machine: async (): Promise<Machine> => ({
    platform: 'linux',
    architecture: 'x64',
    unreachable: undefined,
    caller: ROOT,
    drivers: new Map([['eth0', 'netdevsim']]),
    ...differs,
  }),
})

const MAC = machine({ platform: 'darwin', unreachable: 'this machine runs darwin, not Linux', caller: undefined })

/** An embedded kernel that passes for whichever is asked for, with a NIC in it. */
async function bench() {
  const provider = embedded({ world: simulatedWorld() })
  const opened: KernelName[] = []
  const kernel = async (name: KernelName): Promise<KernelDoors> => {
    opened.push(name)
    const doors = await provider()
    return name === 'embedded' ? doors : Object.assign(Object.create(doors), { kind: 'linux', release: '7.3.4' })
  }
  const netkit = shell()
  await netkit('nic add eth0 queues 4', { kernel: provider })
  const state = async () => {
    await using doors = await provider()
    return await readState(doors)
  }
  return { run: (line: string, more = machine()) => netkit(line, { kernel, ...more }), opened, state }
}

describe('doctor', () => {
  test('of the embedded kernel', async () => {
    const { run, opened, state } = await bench()
    const before = await state()
    const { status, out, err } = await run('doctor -kernel embedded')
    expect({ status, err }).toEqual({ status: 0, err: '' })
    expect(out).toMatchSnapshot()
    expect(opened).toEqual(['embedded'])
    expect(difference(before, await state())).toBe('')
  })

  test('asks the Linux of the machine where there is one, else the embedded kernel', async () => {
    const { run, opened } = await bench()
    await run('doctor')
    const { out } = await run('doctor', MAC)
    expect(opened).toEqual(['linux', 'embedded'])
    expect(out).toContain('embedded kernel, answers as Linux 7.3\n')
    expect(out).toContain('no       Linux by system calls (koffi)\n             this machine runs darwin, not Linux\n')
  })

  test('says what the caller lacks, and what to do about it', async () => {
    const { run } = await bench()
    const caller = { ...ROOT, uid: 1000, capabilities: new Set<string>(), initialUserNamespace: false, filtered: true }
    const { status, out } = await run('doctor', machine({ caller }))
    expect(status).toBe(1)
    expect(out).toContain('no       CAP_NET_ADMIN: changes of devices\n             run it as root')
    expect(out).toContain('no       first user namespace: leases')
    expect(out).toContain('unknown  all system calls\n             system calls are filtered')
  })

  test('as JSON', async () => {
    const { run } = await bench()
    const report = JSON.parse((await run('-j doctor')).out)
    expect(report).toMatchObject({
      kind: 'linux',
      release: '7.3.4',
      machine: { linux: { answer: 'yes' } },
      caller: { CAP_NET_ADMIN: { answer: 'yes' } },
      features: { netkit: { answer: 'yes' }, single: { answer: 'yes' }, leases: { answer: 'yes' } },
      nics: { eth0: { queueManagement: { answer: 'yes' }, headerSplit: { answer: 'yes' } } },
    })
    expect(JSON.parse((await run('-j doctor', MAC)).out)).not.toHaveProperty('caller')
  })
})

const here = whyNotHere()

test.skipIf(here !== undefined)(`doctor of this machine${here === undefined ? '' : `: ${here}`}`, async () => {
  const namespaces = async () => {
    await using doors = await linux()()
    return await doors.namespaces.list()
  }
  const before = await namespaces()
  const { status, out, err } = await shell()('-j doctor -kernel linux', { kernel: linux() })
  expect(err).toBe('')
  expect([0, 1]).toContain(status)
  for (const { answer, advice } of Object.values<{ answer: string; advice?: string }>(JSON.parse(out).features)) {
    expect(['yes', 'no', 'unknown']).toContain(answer)
    expect(advice === undefined).toBe(answer === 'yes')
  }
  expect(await namespaces()).toEqual(before)
})
