import {
  Data,
  type KernelDoors,
  LINK,
  NETLINK_ROUTE,
  NLM_F_DUMP,
  RTM_GETNSID,
  splitMessages,
  toHex,
} from '@netkit/netlink'
import { ask, dumpLinks, message } from './requests.ts'

/** A link as a dump tells of it: its header and its attributes, by id. */
export interface LinkState {
  readonly header: string
  readonly attrs: ReadonlyMap<number, string>
}

/** All that can be asked of a kernel's configuration: by namespace, its links by ifindex, and its ids of others. */
export type KernelState = ReadonlyMap<
  string,
  { readonly links: ReadonlyMap<number, LinkState>; readonly nsids: string }
>

const INITIAL = '(initial)'

/** What was counted is no configuration: IPv6 sends packets of its own accord. */
const COUNTED: ReadonlySet<number> = new Set([LINK.ids.stats, LINK.ids.stats64])

function linksOf(datagrams: readonly Uint8Array[]): Map<number, LinkState> {
  const links = new Map<number, LinkState>()
  for (const bytes of datagrams) {
    const data = new Data(bytes)
    for (let at = 0; at < bytes.length; at += (data.u32(at) + 3) & ~3) {
      if (data.u16(at + 4) !== 16) continue
      const attrs = new Map<number, string>()
      const end = at + data.u32(at)
      for (let attr = at + 32; attr + 4 <= end; attr += (data.u16(attr) + 3) & ~3) {
        const id = data.u16(attr + 2) & 0x3fff
        if (!COUNTED.has(id)) attrs.set(id, toHex(bytes.subarray(attr + 4, attr + data.u16(attr))))
      }
      links.set(data.u32(at + 20), { header: toHex(bytes.subarray(at + 16, at + 32)), attrs })
    }
  }
  return links
}

/** The messages of a dump without their headers, which say who asked. */
const payloadsOf = (datagrams: readonly Uint8Array[]): string =>
  datagrams
    .flatMap(splitMessages)
    .map((m) => toHex(m.data.bytes.subarray(m.start + 16, m.end)))
    .join(' ')

/** Asks a kernel for all of its configuration. */
export async function readState(doors: KernelDoors): Promise<KernelState> {
  const state = new Map<string, { links: Map<number, LinkState>; nsids: string }>()
  for (const name of [INITIAL, ...(await doors.namespaces.list())]) {
    await using namespace = await doors.namespaces.open(name === INITIAL ? 'current' : { name })
    await using socket = await doors.netlink({ protocol: NETLINK_ROUTE, namespace })
    const links = linksOf((await ask(socket, dumpLinks())).datagrams)
    const { datagrams } = await ask(
      socket,
      message(RTM_GETNSID, NLM_F_DUMP, (w) => w.u32(0)),
    )
    state.set(name, { links, nsids: payloadsOf(datagrams) })
  }
  return state
}

/** What the dice decide: addresses, and what IPv6 makes of time and chance. */
const BY_CHANCE: ReadonlySet<number> = new Set([LINK.ids.address, LINK.ids.permAddress, LINK.ids.afSpec])

/** The same for another kernel that was asked for the same things with other dice. */
export const withoutChance = (state: KernelState): KernelState =>
  new Map(
    [...state].map(([name, { links, nsids }]) => [
      name,
      {
        nsids,
        links: new Map(
          [...links].map(([ifindex, { header, attrs }]) => [
            ifindex,
            { header, attrs: new Map([...attrs].filter(([id]) => !BY_CHANCE.has(id))) },
          ]),
        ),
      },
    ]),
  )

/** Addresses by namespace and ifindex. */
export function addresses(state: KernelState): Map<string, string> {
  const found = new Map<string, string>()
  for (const [name, { links }] of state) {
    for (const [ifindex, { attrs }] of links) found.set(`${name} ${ifindex}`, attrs.get(LINK.ids.address) ?? '')
  }
  return found
}

/** The state as sorted lines, one for each thing that can be asked. */
function* linesOf(state: KernelState): Generator<string> {
  for (const [name, { links, nsids }] of state) {
    yield `${name}: ids ${nsids}`
    for (const [ifindex, { header, attrs }] of links) {
      yield `${name}: link ${ifindex}: header ${header}`
      for (const [id, value] of attrs) yield `${name}: link ${ifindex}: attribute ${id}: ${value}`
    }
  }
}

/** What one state has and the other has not, line by line; empty if they are the same. */
export function difference(was: KernelState, is: KernelState): string {
  const [before, after] = [[...linesOf(was)], [...linesOf(is)]]
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`)
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`)
  return [...gone, ...come].slice(0, 30).join('\n')
}
