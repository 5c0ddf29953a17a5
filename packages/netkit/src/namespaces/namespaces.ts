import { decodeAttrs, encodeText, NSID, NSID_HEADER, RT_NSID } from '@netkit/netlink'
import { InputError, shown } from '../input/input-error.ts'
import { type Namespace, type NamespaceTarget, namespaceText, type Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import type { Scope } from '../places/scope.ts'
import type { Reply } from '../request/exchange.ts'

/** An id is 0 to 2^31-1; as the one to assign, -1 stands for the lowest that is free. */
const MAX_NSID = 0x7fff_ffff
const LOWEST_FREE = -1

const nsidIn = ({ data, start, end }: Reply): number | undefined => {
  const { nsid } = decodeAttrs(NSID, data, start + 16 + NSID_HEADER.size, end)
  return nsid === undefined || nsid < 0 ? undefined : nsid
}

/** Network namespaces: `kernel.namespaces`. Named ones are those of `ip netns`. */
export class Namespaces {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** Makes an empty namespace, with a `lo` that is down. KernelError EEXIST if the name is taken. */
  async create(name: string): Promise<void> {
    checkNamespaceName('namespace create', name)
    await this.#places.context.doors.namespaces.create(name)
  }

  /**
   * Takes the name away. The namespace goes with its last user: its devices are deleted then, hardware goes back to
   * where it came from. KernelError ENOENT if there is none of this name.
   */
  async remove(name: string): Promise<void> {
    checkNamespaceName('namespace remove', name)
    await this.#places.context.doors.namespaces.remove(name)
  }

  /** The names that there are. */
  list(): Promise<readonly string[]> {
    return this.#places.context.doors.namespaces.list()
  }

  /**
   * Opens a namespace, by name or as the one of a process, to act in it: `await using pod = await
   * kernel.namespaces.open('pod')`. KernelError ENOENT for an unknown name, ESRCH for an unknown process.
   */
  async open(target: string | { readonly pid: number }): Promise<Namespace> {
    checkTarget('namespace open', target)
    return await this.#places.open(target)
  }

  /** Opens the namespace that the client itself lives in. */
  current(): Promise<Namespace> {
    return this.#places.open(undefined)
  }

  /** The id by which namespace `in` knows another one; undefined if it has none. Nothing is assigned. */
  id(target: NamespaceTarget, where: Where = {}): Promise<number | undefined> {
    return this.#withFd(`namespace id of ${namespaceText(target)}`, target, where, (scope, fd, op) =>
      this.#ask(scope, fd, op, where.signal),
    )
  }

  /**
   * Gives namespace `in` an id for another one and resolves with it. `id`: the wanted one, 0 to 2^31-1; default: the
   * lowest that is free. KernelError EEXIST if the namespace has an id there already, or the id is taken. There is no
   * way to take an id back: it goes with the namespace.
   */
  setId(target: NamespaceTarget, id: number | undefined, where: Where = {}): Promise<number> {
    return this.#withFd(`namespace set id of ${namespaceText(target)}`, target, where, async (scope, fd, op) => {
      checkId(op, id)
      await scope.routeCall(RT_NSID.newnsid, 0, {}, { fd, nsid: id ?? LOWEST_FREE }, { op, signal: where.signal })
      return id ?? (await this.#ask(scope, fd, op, where.signal)) ?? LOWEST_FREE
    })
  }

  /** The id by which namespace `in` knows another one, assigned now if it has none. */
  async ensureId(target: NamespaceTarget, where: Where = {}): Promise<number> {
    return (await this.id(target, where)) ?? (await this.setId(target, undefined, where))
  }

  /** All ids that namespace `in` has for others, ascending. */
  async ids(where: Where = {}): Promise<number[]> {
    const replies = await this.#places.with(where.in, (scope) =>
      scope.routeDump(RT_NSID.getnsid, {}, {}, { op: 'namespace list ids', signal: where.signal }),
    )
    return replies.flatMap((reply) => nsidIn(reply) ?? [])
  }

  async #ask(scope: Scope, fd: number, op: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    const [reply] = await scope.routeCall(RT_NSID.getnsid, 0, {}, { fd }, { op, signal })
    return reply && nsidIn(reply)
  }

  async #withFd<T>(
    op: string,
    target: NamespaceTarget,
    where: Where,
    act: (scope: Scope, fd: number, op: string) => Promise<T>,
  ): Promise<T> {
    checkTarget(op, target)
    return await this.#places.with(where.in, (scope) => this.#places.opened(target, ({ fd }) => act(scope, fd, op)))
  }
}

const NAME_BYTES = 255

/** A namespace's name is the name of a file. */
function checkNamespaceName(op: string, name: unknown): void {
  if (typeof name !== 'string') throw new InputError(op, 'name', `must be a string, not ${shown(name)}`)
  const bytes = encodeText(name).length
  const fits = bytes >= 1 && bytes <= NAME_BYTES && name !== '.' && name !== '..' && !/[/\0]/.test(name)
  if (!fits) throw new InputError(op, 'name', `must be a file name of 1 to ${NAME_BYTES} bytes, not ${shown(name)}`)
}

function checkTarget(op: string, target: NamespaceTarget): void {
  if (typeof target === 'string') checkNamespaceName(op, target)
  else if (typeof target !== 'object' || target === null)
    throw new InputError(op, 'namespace', `must be a name, a process or an open namespace, not ${shown(target)}`)
}

function checkId(op: string, id: number | undefined): void {
  if (id === undefined || (Number.isInteger(id) && id >= 0 && id <= MAX_NSID)) return
  throw new InputError(op, 'id', `must be an integer from 0 to ${MAX_NSID}, not ${shown(id)}`)
}
