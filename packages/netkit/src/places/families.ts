import {
  decodeAttrs,
  type FamilyById,
  GENL_HEADER,
  GENL_ID_CTRL,
  type GenlFamily,
  KernelError,
  NLCTRL,
  NLMSG_HDRLEN,
} from '@netkit/netlink'
import type { NetlinkClient } from '../request/client.ts'
import { genericRequest } from '../request/message.ts'

/** What a kernel calls a generic netlink family and its multicast groups: numbers that it gives out anew with each boot. */
export interface ResolvedFamily {
  readonly id: number
  readonly groups: ReadonlyMap<string, number>
}

/** The numbers of families, asked once for each kernel. A failure is not remembered: a family may come with a module. */
export class FamilyIds {
  readonly #byId = new Map<number, GenlFamily>([[GENL_ID_CTRL, NLCTRL]])
  readonly #known = new Map<string, Promise<ResolvedFamily>>()

  /** The family with this id, if it has been asked for by name. */
  readonly byId: FamilyById = (id) => this.#byId.get(id)

  /** Asks through `client` unless it is known. Rejects with KernelError ENOENT where the kernel has no such family. */
  resolve(family: GenlFamily, client: NetlinkClient): Promise<ResolvedFamily> {
    let known = this.#known.get(family.name)
    if (!known) {
      known = this.#ask(family, client)
      this.#known.set(family.name, known)
      known.catch(() => this.#known.delete(family.name))
    }
    return known
  }

  async #ask(family: GenlFamily, client: NetlinkClient): Promise<ResolvedFamily> {
    const op = `find generic netlink family ${family.name}`
    const { getfamily } = NLCTRL.commands
    const replies = await client.request(
      genericRequest(GENL_ID_CTRL, NLCTRL, getfamily, 0, { familyName: family.name }),
      { op },
    )
    for (const { data, start, end } of replies) {
      const attrs = decodeAttrs(getfamily.attrs, data, start + NLMSG_HDRLEN + GENL_HEADER.size, end)
      if (attrs.familyId === undefined) continue
      this.#byId.set(attrs.familyId, family)
      const groups = new Map<string, number>()
      for (const { id, name } of attrs.mcastGroups ?? [])
        if (id !== undefined && name !== undefined) groups.set(name, id)
      return { id: attrs.familyId, groups }
    }
    throw new KernelError({ op, errno: 71 /* EPROTO */, extack: 'the answer does not say the id' })
  }
}
