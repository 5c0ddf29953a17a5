import { refused, type SysctlDoor } from '@netkit/netlink'
import type { NamespaceTarget } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'

/** Settings of a namespace by the names of sysctl(8). */
export class Sysctl {
  readonly #places: Places

  /** @internal */
  constructor(places: Places) {
    this.#places = places
  }

  /** The value of `net.ipv4.ip_forward`, for example, as text. KernelError ENOENT for a name that the kernel does not know. */
  get(name: string, options: { readonly in?: NamespaceTarget } = {}): Promise<string> {
    const door = this.#door(`read ${name}`)
    return this.#places.opened(options.in, ({ handle }) => door.read(name, handle))
  }

  /** Sets a value. KernelError: ENOENT, EINVAL for a value that is none or out of range, EPERM. */
  set(name: string, value: string | number, options: { readonly in?: NamespaceTarget } = {}): Promise<void> {
    const door = this.#door(`set ${name}`)
    return this.#places.opened(options.in, ({ handle }) => door.write(name, String(value), handle))
  }

  #door(op: string): SysctlDoor {
    const { doors } = this.#places.context
    if (doors.sysctl) return doors.sysctl
    throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without a door for settings`)
  }
}
