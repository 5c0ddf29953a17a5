import type { KnownNamespace, Lease, LeaseEnd, LostDevice, RemovalReport } from 'netkit'
import type { Json } from './json.ts'
import { printable } from './printable.ts'

const place = ({ name, current, netnsid }: KnownNamespace): string => {
  if (name !== undefined) return ` in ${name}`
  if (netnsid === undefined) return ''
  return current ? ' here' : ` in the namespace with id ${netnsid}`
}

const BECAUSE = {
  peer: (of) => `the other end of ${of}`,
  lessee: (of) => `leases from ${of}`,
  namespace: (of) => `lives in ${of}`,
} as const satisfies Readonly<Record<LostDevice['because'], (of: string) => string>>

const end = ({ name, ifindex, queue, namespace }: LeaseEnd): string =>
  `${name ?? `if${ifindex}`} rx ${queue}${place(namespace)}`

/** Whether a removal takes anything along. */
export const takesAlong = ({ devices, leases, returned }: RemovalReport): boolean =>
  devices.length + leases.length + returned.length > 0

/** What a removal takes along, a line each. `dry`: it would. */
export function removalText({ devices, leases, returned }: RemovalReport, dry: boolean): string {
  const lines = [
    ...devices.map((d) => {
      const what = `${d.name ?? `if${d.ifindex}`}${place(d.namespace)}: ${BECAUSE[d.because](d.of)}`
      return `${dry ? 'Would also remove' : 'Also removed'} ${what}`
    }),
    ...leases.map((l) => `${dry ? 'Would end the lease' : 'Ended the lease'} of ${end(l.lessor)} to ${end(l.lessee)}`),
    ...returned.map((name) => `${dry ? 'Would go' : 'Went'} back to the initial namespace: ${name}`),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

const endJson = ({ ifindex, name, queue, namespace }: LeaseEnd): Json => ({
  ifname: name,
  ifindex,
  queue,
  netns: namespace.name,
  netnsid: namespace.netnsid,
})

export const removalJson = ({ devices, leases, returned }: RemovalReport): Json => ({
  also_removed: devices.map(({ ifindex, name, namespace, because, of }) => ({
    ifname: name,
    ifindex,
    netns: namespace.name,
    netnsid: namespace.netnsid,
    because,
    of,
  })),
  leases_ended: leases.map(({ lessor, lessee }: Lease) => ({ lessor: endJson(lessor), lessee: endJson(lessee) })),
  returned,
})
