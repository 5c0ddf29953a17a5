import { align4, type LinkAttrs, type NamespaceHandle, NLMSG_HDRLEN } from '@netkit/netlink'
import type { Unknown } from './held.ts'

/** A device as it would be. */
export interface PlannedLink {
  readonly ifindex: number
  readonly type: number
  readonly flags: number
  readonly attrs: LinkAttrs
}

/** A network namespace that requests act in, there or to be. */
export interface Spot {
  readonly inode: number
  readonly name: string | undefined
  /** It would have been made by an earlier step. */
  readonly planned: boolean
}

/** Numbers that stand for what the kernel has not chosen yet: this one and those above it. No kernel gets there by counting. */
const FIRST_UNKNOWN = 0x7f5a_ed00

/** What would be there if the steps so far had been carried out, as far as that can be known. */
export class Plan {
  readonly #meanings: string[] = []
  readonly #links = new Map<number, Map<number, PlannedLink>>()
  readonly #spotsByFd = new Map<number, Spot>()
  readonly #nsids = new Map<string, number>()
  readonly #made = new Map<string, { readonly inode: number; readonly fd: number }>()
  readonly #removed = new Set<string>()

  /** A number for what the kernel would choose. */
  unknown(what: string): number {
    this.#meanings.push(what)
    return FIRST_UNKNOWN + this.#meanings.length - 1
  }

  /** What such a number stands for; undefined of others. */
  meaning(value: unknown): string | undefined {
    return typeof value === 'number' ? this.#meanings[value - FIRST_UNKNOWN] : undefined
  }

  /** Where such numbers stand in a message. Integers of attributes lie at multiples of four. */
  unknownsIn(message: Uint8Array): Unknown[] {
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    const found: Unknown[] = []
    for (let offset = NLMSG_HDRLEN; offset + 4 <= message.length; offset = align4(offset + 1)) {
      const what = this.meaning(view.getUint32(offset, true))
      if (what !== undefined) found.push({ offset, length: 4, what })
    }
    return found
  }

  /** The device with this ifindex, or else of this name. */
  link({ inode }: Spot, ifindex: number, name: string | undefined): PlannedLink | undefined {
    const links = this.#links.get(inode)
    if (ifindex > 0 || name === undefined) return links?.get(ifindex)
    return links && [...links.values()].find(({ attrs }) => namesOf(attrs).includes(name))
  }

  links({ inode }: Spot): readonly PlannedLink[] {
    return [...(this.#links.get(inode)?.values() ?? [])]
  }

  put({ inode }: Spot, link: PlannedLink): void {
    const links = this.#links.get(inode) ?? new Map()
    links.set(link.ifindex, link)
    this.#links.set(inode, links)
  }

  drop({ inode }: Spot, ifindex: number): void {
    this.#links.get(inode)?.delete(ifindex)
  }

  /** A namespace is open as this file descriptor. */
  opened({ fd }: NamespaceHandle, spot: Spot): void {
    this.#spotsByFd.set(fd, spot)
  }

  spotOfFd(fd: number | undefined): Spot | undefined {
    return fd === undefined ? undefined : this.#spotsByFd.get(fd)
  }

  /** The id by which a namespace would know another one. */
  nsid(from: Spot, to: Spot): number | undefined {
    return this.#nsids.get(`${from.inode} ${to.inode}`)
  }

  giveNsid(from: Spot, to: Spot, id: number | undefined): void {
    this.#nsids.set(
      `${from.inode} ${to.inode}`,
      id ?? this.unknown(to.name === undefined ? 'id of the namespace of the caller' : `id of namespace ${to.name}`),
    )
  }

  /** A namespace would be made. */
  makeNamespace(name: string): void {
    this.#made.set(name, {
      inode: this.unknown(`inode of namespace ${name}`),
      fd: this.unknown(`file descriptor of namespace ${name}`),
    })
  }

  /** A namespace would be removed. */
  removeNamespace(name: string): void {
    if (!this.#made.delete(name)) this.#removed.add(name)
  }

  /** The namespace of this name that earlier steps would have made. */
  namespace(name: string): { readonly inode: number; readonly fd: number } | undefined {
    return this.#made.get(name)
  }

  /** The names that there would be, given those that there are. */
  namespaces(existing: readonly string[]): readonly string[] {
    return [...existing.filter((name) => !this.#removed.has(name)), ...this.#made.keys()]
  }
}

const namesOf = ({ ifname, propList }: LinkAttrs): readonly (string | undefined)[] => [
  ifname,
  ...(propList?.altIfname ?? []),
]
