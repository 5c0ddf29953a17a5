import { readdirSync, readFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { Data, decodeAttrs, fromHex, LINK, LINK_HEADER, type LinkHeader } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { pretty } from '../json.ts'
import { styleFor } from '../style.ts'
import { briefEntry, linkEntry } from './show.ts'
import type { LinkMessage, LinkView } from './view.ts'

const folder = new URL('../../../../../conformance/cases/iproute2-json/', import.meta.url)

interface Recording {
  readonly links: readonly string[]
  readonly shows: Readonly<Record<string, string | readonly Record<string, unknown>[]>>
}

const recordings = readdirSync(folder)
  .filter((name) => name.endsWith('.json'))
  .map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as Recording] as const)

const decode = (hex: string): LinkMessage => {
  const data = new Data(fromHex(hex))
  const { ifindex, type, flags } = LINK_HEADER.decode(data, 16, 32) as Required<LinkHeader>
  const { afSpec, ...attrs } = decodeAttrs(LINK, data, 32, data.bytes.length)
  return { ifindex, type, flags, attrs, afSpec }
}

const has = (options: string, option: string) => options.split(' ').includes(option)

/** Prints what a recorded command printed, from the messages that were recorded with it. */
function print(recording: Recording, command: string): { text: string; json: unknown[] } {
  const options = command.slice('ip'.length, command.indexOf('link')).trim()
  const words = command
    .slice(command.indexOf('show') + 4)
    .trim()
    .split(' ')
  const all = recording.links.map(decode)
  const shown = all.filter(({ flags, attrs }) => {
    if (words[0] === 'dev') return attrs.ifname === words[1]
    if (words[0] === 'type') return attrs.linkinfo?.kind === words[1]
    if (words[0] === 'group') return attrs.group === Number(words[1])
    if (words[0] === 'up') return (flags & 1) !== 0
    return true
  })
  const view: LinkView = {
    style: styleFor(options.includes('-c=always')),
    details: has(options, '-d'),
    statistics: options.split(' ').filter((o) => o === '-s').length,
    human: false,
    iec: false,
    link: (ifindex) => {
      const found = all.find((m) => m.ifindex === ifindex)
      return found && { name: found.attrs.ifname!, flags: found.flags }
    },
    namespace: (id) => (id === 0 ? 'pod' : undefined),
  }
  const entries = shown.map((m) => (has(options, '-br') ? briefEntry(m, view) : linkEntry(m, view)))
  const json = entries.map((e) => e.json)
  if (has(options, '-p')) return { text: `${pretty(json)}\n`, json }
  return { text: entries.map((e) => `${e.text(has(options, '-o'))}\n`).join(''), json }
}

/** What we say and iproute2 does not: netkit attributes that it has no words for. */
const OURS = ['headroom', 'tailroom', 'pairing']

/** Without our own members and without what iproute2 prints of virtual functions, which this command does not show. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable)
  if (typeof value === 'bigint') return Number(value)
  if (value === null || typeof value !== 'object') return value
  const members = Object.entries(value).filter(([key]) => !OURS.includes(key) && key !== 'vfinfo_list')
  return Object.fromEntries(members.map(([key, v]) => [key, comparable(v)]))
}

/** iproute2 leaves blanks at the ends of some lines. */
const trimmed = (text: string): string => text.replaceAll(/ +(?=\n|\\|$)/g, '')
const withoutOurs = (text: string): string =>
  text
    .replaceAll(/ pairing single(?= )/g, '')
    .replaceAll(/,\n *"(headroom|tailroom|pairing)": [^,\n]*/g, '')
    .replaceAll(/,\n *"vfinfo_list": \[ \]/g, '')

describe.each(recordings)('as iproute2 prints: %s', (_name, recording) => {
  const commands = Object.entries(recording.shows)
  test.each(commands)('%s', (command, wanted) => {
    const got = print(recording, command)
    if (typeof wanted === 'string') {
      const color = command.includes('-c=always')
      expect(withoutOurs(trimmed(got.text))).toBe(withoutOurs(trimmed(wanted)))
      if (color) expect(stripVTControlCharacters(got.text)).not.toBe(got.text)
    } else {
      const links = wanted.filter((link) => Object.keys(link).length > 0) // of links that it filters out, iproute2 leaves {}
      expect(comparable(got.json)).toEqual(comparable(links))
      got.json.forEach((link, i) => {
        const order = Object.keys(comparable(link) as object)
        expect(order).toEqual(Object.keys(comparable(links[i]) as object))
      })
    }
  })
})
