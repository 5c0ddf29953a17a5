import type { NamespaceHandle } from '@netkit/netlink'
import { Scope, type ScopeContext } from './scope.ts'

/** Where a request acts: in a named namespace, in that of a process, or in one that is open. */
export type NamespaceTarget = string | { readonly pid: number } | Namespace

/** An option that most calls have. */
export interface Where {
  /** The namespace in which it happens. Default: the one that the client itself lives in. */
  readonly in?: NamespaceTarget
  /** Stops waiting for the answer. A change that is under way is not called back: whether it happens is then unknown. */
  readonly signal?: AbortSignal
}

/**
 * An open network namespace, to act in it again and again at the price of one socket. While it is open it exists, even
 * after its name was removed: close it (`await using`) so that it can go.
 */
export class Namespace implements AsyncDisposable {
  /** The name that it was opened by, if it was. */
  readonly name: string | undefined
  /** It was opened as the one that the client itself lives in. */
  readonly isOwn: boolean
  /** @internal */
  readonly scope: Scope
  readonly #handle: NamespaceHandle

  /** @internal */
  constructor(context: ScopeContext, handle: NamespaceHandle, name: string | undefined, isOwn: boolean) {
    this.name = name
    this.isOwn = isOwn
    this.#handle = handle
    this.scope = new Scope(context, handle)
  }

  /** The file descriptor that stands for it in requests. */
  get fd(): number {
    return this.#handle.fd
  }

  /** Tells namespaces apart: two with the same number are the same. */
  get inode(): number {
    return this.#handle.inode
  }

  /** The open namespace as doors take it. */
  get handle(): NamespaceHandle {
    return this.#handle
  }

  /** Closes its sockets and lets it go. */
  async close(): Promise<void> {
    await this.scope.close()
    await this.#handle.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

/** How a namespace is called in messages. */
export const namespaceText = (target: NamespaceTarget): string => {
  if (typeof target === 'string') return target
  if (target instanceof Namespace) return target.name ?? `namespace ${target.inode}`
  return `the namespace of process ${target.pid}`
}
