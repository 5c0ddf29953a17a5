import type { Found } from './actual.ts'
import type { Draft } from './draft.ts'
import { kindOf } from './fate.ts'
import type { StatePath } from './schema/fault.ts'
import type { StateRef } from './step.ts'

/** Removes what is made anew and, if so asked, what the set owns and the document does not declare. */
export function planRemovals(draft: Draft): void {
  const goes: { readonly found: Found; readonly path: StatePath }[] = []
  for (const { entry, action } of draft.fates.all) {
    const found = draft.fates.foundOf(entry)
    if (action === 'recreate' && found) goes.push({ found, path: entry.path })
  }
  for (const { found, path, label } of undeclared(draft)) {
    if (!draft.prune) draft.undeclared.push(label)
    else {
      goes.push({ found, path })
      draft.differences.push({ entry: label, action: 'remove', why: [], changes: [] })
    }
  }
  for (const { found } of goes) {
    draft.doomed.add(found)
    const peer = draft.actual.peers.get(found)
    if (peer) draft.doomed.add(peer)
  }
  for (const one of goes) if (!one.found.isNic) removeDevice(draft, one.found, one.path)
  for (const one of goes) if (one.found.isNic) unplug(draft, one.found, one.path)
}

/** What bears the set's mark and is no entry of the document: of a pair, one end. */
function undeclared({ actual, matching, set }: Draft): { found: Found; path: StatePath; label: string }[] {
  const known = new Set([...matching.matches.values()].map(({ found }) => found))
  return actual.devices.flatMap((found) => {
    const { mark } = found
    const other = actual.peers.get(found)
    if (mark?.set !== set || known.has(found)) return []
    if (mark.peer && other?.mark?.set === set) return []
    const path = [kindOf(found) ?? 'singles', mark.id]
    return [{ found, path, label: path.join('.') }]
  })
}

const refOf = ({ netns, device }: Found): StateRef => ({
  netns,
  name: device.name,
  by: { ifindex: device.ifindex },
})

function removeDevice(draft: Draft, found: Found, path: StatePath): void {
  draft.add('remove', { of: path.join('.'), do: 'remove', device: refOf(found) })
}

function unplug(draft: Draft, found: Found, path: StatePath): void {
  const { actual, doomed, faults } = draft
  const lessee = actual.leases.find((lease) => lease.nic === found && !(lease.lessee && doomed.has(lease.lessee)))
  if (lessee) {
    const who = lessee.lessee?.device.name ?? 'a device in a namespace without a name'
    faults.push({
      path,
      message: `cannot be unplugged: ${who} leases queue ${lessee.queue} of it, and stays`,
    })
    return
  }
  const id = numberOf(draft, found)
  if (id === undefined) faults.push({ path, message: 'is hardware that cannot be unplugged' })
  else draft.add('remove', { of: path.join('.'), do: 'nic remove', device: refOf(found), id })
}

/** The number of a NIC stands at the end of its name on the bus. */
function numberOf({ actual }: Draft, { device }: Found): number | undefined {
  const digits = /\d+$/.exec(device.attrs.parentDevName ?? '')?.[0]
  const nic = actual.nics?.find(({ id }) => id === Number(digits))
  return nic?.ifindex === device.ifindex && nic.name === device.name ? nic.id : undefined
}
