import type { NetNamespace } from './namespace.ts'

/** Names of namespaces, as `ip netns` keeps them: a name holds its namespace. */
export class NamespaceNames {
  readonly #byName = new Map<string, NetNamespace>()

  get(name: string): NetNamespace | undefined {
    return this.#byName.get(name)
  }

  /** In the order in which they were given. */
  list(): readonly string[] {
    return [...this.#byName.keys()]
  }

  /** The names of one namespace. */
  namesOf(ns: NetNamespace): readonly string[] {
    return this.list().filter((name) => this.#byName.get(name) === ns)
  }

  /** The name must be free. */
  add(name: string, ns: NetNamespace): void {
    ns.hold()
    this.#byName.set(name, ns)
  }

  /** Whether there was such a name. */
  delete(name: string): boolean {
    const ns = this.#byName.get(name)
    if (!ns) return false
    this.#byName.delete(name)
    ns.release()
    return true
  }
}
