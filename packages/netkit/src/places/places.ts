import { Namespace, type NamespaceTarget } from './namespace.ts'
import { Scope, type ScopeContext } from './scope.ts'

/** The namespaces that a connection acts in: its own all the time, others while they are needed. */
export class Places {
  readonly context: ScopeContext
  /** The namespace that the client itself lives in. */
  readonly own: Scope

  constructor(context: ScopeContext) {
    this.context = context
    this.own = new Scope(context)
  }

  /** Opens a namespace. The caller closes it. */
  async open(target: string | { readonly pid: number } | undefined): Promise<Namespace> {
    const ref = target === undefined ? 'current' : typeof target === 'string' ? { name: target } : { pid: target.pid }
    const handle = await this.context.doors.namespaces.open(ref)
    return new Namespace(this.context, handle, typeof target === 'string' ? target : undefined, target === undefined)
  }

  /**
   * Runs `act` with the sockets of a namespace. A namespace that is given by name or process is opened for this and
   * closed behind it, so that nothing keeps it from going.
   */
  async with<T>(target: NamespaceTarget | undefined, act: (scope: Scope) => Promise<T>): Promise<T> {
    if (target === undefined) return act(this.own)
    if (target instanceof Namespace) return act(target.scope)
    const namespace = await this.open(target)
    try {
      return await act(namespace.scope)
    } finally {
      await namespace.close()
    }
  }

  /** Runs `act` with an open namespace; `undefined` opens the client's own. */
  async opened<T>(target: NamespaceTarget | undefined, act: (namespace: Namespace) => Promise<T>): Promise<T> {
    if (target instanceof Namespace) return act(target)
    const namespace = await this.open(target)
    try {
      return await act(namespace)
    } finally {
      await namespace.close()
    }
  }

  close(): Promise<void> {
    return this.own.close()
  }
}
