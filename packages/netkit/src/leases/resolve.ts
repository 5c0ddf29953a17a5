import { decodeAttrs, KernelError, NSID, NSID_HEADER, RT_LINK, RT_NSID } from '@netkit/netlink'
import { decodeLink } from '../devices/decode.ts'
import type { Namespace } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Scope } from '../places/scope.ts'

/** Refusals that mean "you may not look" or "gone meanwhile", not that something is broken. */
const HIDDEN: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EINVAL', 'ENODEV', 'ENOENT', 'ESRCH'])

export async function orNothing<T>(ask: Promise<T>): Promise<T | undefined> {
  try {
    return await ask
  } catch (e) {
    if (e instanceof KernelError && HIDDEN.has(e.code)) return undefined
    throw e
  }
}

/** Names of devices as one namespace sees them, each asked for once. Names alone, so that looking changes nothing. */
export class DeviceNames {
  readonly #scope: Scope
  readonly #known = new Map<string, Promise<string | undefined>>()

  constructor(scope: Scope) {
    this.#scope = scope
  }

  /** `netnsid`: the namespace with this id; absent: the one that is asked. Undefined where the client may not look. */
  of(ifindex: number, netnsid: number | undefined, signal: AbortSignal | undefined): Promise<string | undefined> {
    const key = `${netnsid ?? ''}/${ifindex}`
    let name = this.#known.get(key)
    if (!name) {
      name = this.#ask(ifindex, netnsid, signal)
      this.#known.set(key, name)
    }
    return name
  }

  async #ask(
    ifindex: number,
    targetNetnsid: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string | undefined> {
    const attrs = { targetNetnsid, extMask: ['nameOnly'] }
    const options = { op: `device show #${ifindex}`, signal }
    const replies = await orNothing(this.#scope.routeCall(RT_LINK.getlink, 0, { ifindex }, attrs, options))
    return replies && decodeLink(replies[0]).attrs.ifname
  }
}

/** A namespace that can be told apart: by name, or as the client's own. */
export interface Labelled {
  readonly name: string | undefined
  readonly current: boolean
}

/** Opens the client's own namespace and all named ones, each namespace once. What cannot be opened is left out. */
export async function openAll(places: Places): Promise<{ readonly namespace: Namespace; readonly label: Labelled }[]> {
  const own = await places.open(undefined)
  const all = [{ namespace: own, label: { name: undefined as string | undefined, current: true } }]
  const seen = new Map([[own.inode, 0]])
  for (const name of await places.context.doors.namespaces.list()) {
    const namespace = await orNothing(places.open(name))
    if (!namespace) continue
    const at = seen.get(namespace.inode)
    if (at === undefined) {
      seen.set(namespace.inode, all.length)
      all.push({ namespace, label: { name, current: false } })
    } else {
      all[at].label.name ??= name
      await namespace.close()
    }
  }
  return all
}

/** The id by which the namespace of `scope` knows another one. */
export async function idOf(
  scope: Scope,
  namespace: Namespace,
  signal: AbortSignal | undefined,
): Promise<number | undefined> {
  const options = { op: `namespace id of ${namespace.name ?? namespace.inode}`, signal }
  const replies = await orNothing(scope.routeCall(RT_NSID.getnsid, 0, {}, { fd: namespace.fd }, options))
  if (!replies) return undefined
  const [{ data, start, end }] = replies
  const { nsid } = decodeAttrs(NSID, data, start + 16 + NSID_HEADER.size, end)
  return nsid === undefined || nsid < 0 ? undefined : nsid
}
