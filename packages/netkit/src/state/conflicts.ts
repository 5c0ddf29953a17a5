import { encodeText } from '@netkit/netlink'
import { impairmentFaults } from './impairments.ts'
import { deviceIpFaults, namespaceIpFaults } from './ip/faults.ts'
import type { StateFault, StatePath } from './schema/fault.ts'
import type { LeaseState, StateDocument } from './schema/schema.ts'
import { type Entry, entriesOf, leasesOf, placesOf, type Target } from './targets.ts'

/** Where a document contradicts itself, whatever the kernel. */
export function conflictsIn(document: StateDocument): StateFault[] {
  const entries = entriesOf(document)
  const ends = entries.flatMap((entry) => entry.ends)
  return [
    ...ends.flatMap(tooLong),
    ...sameIds(entries),
    ...sameNames(ends),
    ...ends.flatMap(addressFault),
    ...ends.flatMap(impairmentFaults),
    ...ends.flatMap(({ path, state }) => deviceIpFaults(path, state)),
    ...placesOf(document).flatMap(({ path, state }) => namespaceIpFaults(path, state)),
    ...entries.flatMap((entry) => leaseFaults(document, entry)),
    ...sameQueues(entries),
  ]
}

/** Finds what is there twice: says of the second one where the first is. */
class Once {
  readonly #seen = new Map<string, string>()
  readonly faults: StateFault[] = []

  add(key: string, where: string, path: StatePath, message: (first: string) => string): void {
    const first = this.#seen.get(key)
    if (first === undefined) this.#seen.set(key, where)
    else this.faults.push({ path, message: message(first) })
  }
}

const ALTNAME_BYTES = 127
/** Kernels count bytes, where a schema counts characters. */
const BYTES = { name: 15, netns: 255, alias: 255 } as const

function tooLong({ path, name, netns, state }: Target): StateFault[] {
  const faultOf = (text: string | undefined, max: number, at: StatePath): StateFault[] => {
    const bytes = text === undefined ? 0 : encodeText(text).length
    return bytes > max ? [{ path: at, message: `must have at most ${max} bytes, not ${bytes}` }] : []
  }
  return [
    ...faultOf(name, BYTES.name, state.name === undefined ? path : [...path, 'name']),
    ...faultOf(netns, BYTES.netns, [...path, 'netns']),
    ...faultOf(state.alias, BYTES.alias, [...path, 'alias']),
    ...(state.altnames ?? []).flatMap((altname, i) => faultOf(altname, ALTNAME_BYTES, [...path, 'altnames', i])),
  ]
}

function sameIds(entries: readonly Entry[]): StateFault[] {
  const once = new Once()
  for (const { id, label, path } of entries) once.add(id, label, path, (first) => `is called as ${first} is`)
  return once.faults
}

function sameNames(ends: readonly Target[]): StateFault[] {
  const once = new Once()
  for (const { name, netns, label, path, state } of ends) {
    const where = netns === undefined ? '' : ` in namespace ${netns}`
    const add = (called: string, at: StatePath) =>
      once.add(`${netns ?? ''}/${called}`, label, at, (first) => `cannot be called ${called}${where}: ${first} is`)
    if (name !== undefined) add(name, [...path, ...(state.name === undefined ? [] : ['name'])])
    state.altnames?.forEach((altname, i) => {
      add(altname, [...path, 'altnames', i])
    })
  }
  return once.faults
}

function addressFault({ path, role, state, entry }: Target): StateFault[] {
  if (state.address === undefined) return []
  const at = [...path, 'address']
  const bytes = state.address.split(':').map((byte) => Number.parseInt(byte, 16))
  if ((bytes[0] & 1) === 1 || bytes.every((byte) => byte === 0))
    return [{ path: at, message: `must be neither zero nor multicast, not '${state.address}'` }]
  if (role === 'nic' || entry.ends[0].state.mode === 'l2') return []
  return [{ path: at, message: 'can be given only together with mode: l2' }]
}

function leaseFaults({ nics = {} }: StateDocument, entry: Entry): StateFault[] {
  const found = leasesOf(entry)
  if (!found || found.leases.length === 0) return []
  const { target, leases } = found
  const faults: StateFault[] = []
  const at = [...target.path, 'leases']
  const room = target.state.numrxqueues
  if (room !== undefined && room <= leases.length) {
    const message = `must be at least ${leases.length + 1} for ${leases.length} leases, not ${room}`
    faults.push({ path: [...target.path, 'numrxqueues'], message })
  }
  leases.forEach((lease, i) => {
    if (lease.nic !== leases[0].nic || lease.netns !== leases[0].netns)
      faults.push({ path: [...at, i, 'nic'], message: 'must be the same NIC as of its other leases' })
    const nic = Object.hasOwn(nics, lease.nic) ? nics[lease.nic] : undefined
    if (!nic) return
    const active = nic.channels ?? nic.queues
    if (lease.netns !== undefined)
      faults.push({ path: [...at, i, 'netns'], message: `must be absent: nics.${lease.nic} says where that NIC is` })
    if (active !== undefined && lease.queue >= active)
      faults.push({ path: [...at, i, 'queue'], message: `must be below ${active}, the queues of nics.${lease.nic}` })
    if (nic.up === false)
      faults.push({
        path: ['nics', lease.nic, 'up'],
        message: `must not be false while ${target.label} leases from it: kernels tell of leases of NICs that are up only`,
      })
  })
  return faults
}

const queueKey = ({ nic, netns, queue }: LeaseState): string => `${netns ?? ''}/${nic}/${queue}`

function sameQueues(entries: readonly Entry[]): StateFault[] {
  const once = new Once()
  for (const entry of entries) {
    const found = leasesOf(entry)
    found?.leases.forEach((lease, i) => {
      once.add(queueKey(lease), found.target.label, [...found.target.path, 'leases', i], (first) => {
        return `cannot be had: queue ${lease.queue} of ${lease.nic} is leased by ${first}`
      })
    })
  }
  return once.faults
}
