import type { Core } from './core.ts'
import type { NetNamespace } from './namespace.ts'
import type { Request } from './request.ts'

/** Makes `ns` know `peer` by an id, and says so. */
export function assignNsid(kernel: Core, ns: NetNamespace, peer: NetNamespace, nsid: number, req?: Request): void {
  ns.nsidOf.set(peer, nsid)
  ns.byNsid.set(nsid, peer)
  kernel.changes++
  kernel.announce.nsid(ns, 'new', nsid, req)
}

/** The lowest id from 0 that `ns` has not given to another namespace. */
export function freeNsid(ns: NetNamespace): number {
  let id = 0
  while (ns.byNsid.has(id)) id++
  return id
}

/** The id by which `ns` knows `peer`; if it has none it gets the lowest free one. -1 where either is going away. */
export function nsidFor(kernel: Core, ns: NetNamespace, peer: NetNamespace): number {
  const known = ns.nsidOf.get(peer)
  if (known !== undefined) return known
  if (!ns.alive || !peer.alive) return -1
  const id = freeNsid(ns)
  assignNsid(kernel, ns, peer, id)
  return id
}

/** `gone` is taken down: nobody knows it by an id any more. */
export function forgetNamespace(kernel: Core, gone: NetNamespace): void {
  for (const ns of kernel.namespaces) {
    const id = ns.nsidOf.get(gone)
    if (id === undefined || ns === gone) continue
    ns.nsidOf.delete(gone)
    ns.byNsid.delete(id)
    kernel.announce.nsid(ns, 'gone', id)
  }
}
