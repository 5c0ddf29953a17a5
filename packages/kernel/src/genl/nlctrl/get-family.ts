import {
  CTRL,
  CTRL_GROUP,
  CTRL_OP,
  endMessage,
  errno,
  GENL_ADMIN_PERM,
  GENL_CMD_CAP_DO,
  GENL_CMD_CAP_DUMP,
  GENL_CMD_CAP_HASPOL,
  GENL_UNS_ADMIN_PERM,
  type GenlCommand,
  NLM_F_MULTI,
  type Writer,
} from '@netkit/netlink'
import { readByteString } from '../../net/bytestring.ts'
import type { Dump } from '../../net/dump.ts'
import { beginReply, type GenlCall, type Registered, reply } from '../call.ts'
import type { Families } from './server.ts'

const C = CTRL.ids

/** The family that a request means: by name, else by id; or a negative errno. */
export function wantedFamily({ req, attrs }: GenlCall, families: Families): Registered | number {
  const name = attrs[C.familyName]
  if (name !== 0) return families.find(readByteString(req.bytes, name + 4, req.attrEnd(name))) ?? -errno.ENOENT
  const id = attrs[C.familyId]
  if (id !== 0) return families.byId(req.u16(id)) ?? -errno.ENOENT
  return -errno.EINVAL
}

/** CTRL_CMD_GETFAMILY for one family. Source: spec 01 §1.10. */
export function getFamily(call: GenlCall, families: Families): number {
  const family = wantedFamily(call, families)
  return typeof family === 'number' ? family : reply(call, (w) => writeFamily(w, family))
}

export const dumpFamilies = (call: GenlCall, families: Families): number =>
  call.req.socket.startDump(new FamilyDump(call, families.families))

class FamilyDump implements Dump {
  readonly doneApart = false
  readonly #call: GenlCall
  readonly #families: readonly Registered[]
  #next = 0

  constructor(call: GenlCall, families: readonly Registered[]) {
    this.#call = call
    this.#families = families
  }

  get request() {
    return this.#call.req
  }

  fill(w: Writer, limit: number): number {
    for (; this.#next < this.#families.length; this.#next++) {
      if (w.length >= limit) return 1
      const mark = beginReply(w, this.#call, NLM_F_MULTI)
      writeFamily(w, this.#families[this.#next])
      endMessage(w, mark)
    }
    return 0
  }
}

function opFlags(c: GenlCommand): number {
  const privilege = c.privilege === 'admin' ? GENL_ADMIN_PERM : c.privilege === 'ns-admin' ? GENL_UNS_ADMIN_PERM : 0
  return privilege | GENL_CMD_CAP_HASPOL | (c.do ? GENL_CMD_CAP_DO : 0) | (c.dump ? GENL_CMD_CAP_DUMP : 0)
}

/** What there is to say about a family. The nests are without the NESTED bit. */
function writeFamily(w: Writer, { id, family, groups, commands }: Registered): void {
  w.attrString(C.familyName, family.name)
  w.attrU16(C.familyId, id)
  w.attrU32(C.version, family.version)
  w.attrU32(C.hdrsize, 0)
  w.attrU32(C.maxattr, 0)
  const ops = w.begin(C.ops)
  let n = 1
  for (const { command } of commands.values()) {
    const op = w.begin(n++)
    w.attrU32(CTRL_OP.ids.id, command.id)
    w.attrU32(CTRL_OP.ids.flags, opFlags(command))
    w.end(op)
  }
  w.end(ops)
  const list = w.begin(C.mcastGroups)
  family.groups.forEach((name, i) => {
    const group = w.begin(i + 1)
    w.attrU32(CTRL_GROUP.ids.id, groups[i])
    w.attrString(CTRL_GROUP.ids.name, name)
    w.end(group)
  })
  w.end(list)
}
