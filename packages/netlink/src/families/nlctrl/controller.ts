import { u16, u32 } from '../../attr/integers.ts'
import { nest, nestArray } from '../../attr/nest.ts'
import { POLICY_TLV } from '../../attr/policy-tlv.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { bitsOf, string } from '../../attr/values.ts'
import { byNumber } from './by-number.ts'

export const OP_FLAGS = {
  'admin-perm': 0x01,
  'cmd-cap-do': 0x02,
  'cmd-cap-dump': 0x04,
  'cmd-cap-haspol': 0x08,
  'uns-admin-perm': 0x10,
} as const

/** A command that a family has. Source: uapi CTRL_ATTR_OP_*. */
export const CTRL_OP = attrTable('op', {
  id: { id: 1, c: 'CTRL_ATTR_OP_ID', codec: u32 },
  flags: {
    id: 2,
    c: 'CTRL_ATTR_OP_FLAGS',
    codec: bitsOf(u32, OP_FLAGS),
    doc: 'Which forms it has, and which privilege it needs.',
  },
})

/** A multicast group of a family. Source: uapi CTRL_ATTR_MCAST_GRP_*. */
export const CTRL_GROUP = attrTable('mcast-group', {
  name: { id: 1, c: 'CTRL_ATTR_MCAST_GRP_NAME', codec: string() },
  id: { id: 2, c: 'CTRL_ATTR_MCAST_GRP_ID', codec: u32 },
})

/** Which policies, by index, check the two forms of a command. Source: uapi CTRL_ATTR_POLICY_*. */
export const CTRL_OP_POLICY = attrTable('op-policy', {
  do: { id: 1, c: 'CTRL_ATTR_POLICY_DO', codec: u32 },
  dump: { id: 2, c: 'CTRL_ATTR_POLICY_DUMP', codec: u32 },
})

/** The controller of generic netlink: which families there are. Source: spec 01 §1.10; uapi CTRL_ATTR_*. */
export const CTRL = attrTable('ctrl', {
  familyId: {
    id: 1,
    c: 'CTRL_ATTR_FAMILY_ID',
    codec: u16,
    doc: 'Message type of the family, given out by the kernel.',
  },
  familyName: { id: 2, c: 'CTRL_ATTR_FAMILY_NAME', codec: string(15, 'nul-string') },
  version: { id: 3, c: 'CTRL_ATTR_VERSION', codec: u32, access: 'read' },
  hdrsize: { id: 4, c: 'CTRL_ATTR_HDRSIZE', codec: u32, access: 'read' },
  maxattr: { id: 5, c: 'CTRL_ATTR_MAXATTR', codec: u32, access: 'read' },
  ops: { id: 6, c: 'CTRL_ATTR_OPS', codec: nestArray(CTRL_OP), access: 'read' },
  mcastGroups: { id: 7, c: 'CTRL_ATTR_MCAST_GROUPS', codec: nestArray(CTRL_GROUP), access: 'read' },
  policy: {
    id: 8,
    c: 'CTRL_ATTR_POLICY',
    codec: byNumber('policy', byNumber('policy', nest(POLICY_TLV))),
    access: 'read',
    doc: 'Policies by index, and in each what it demands of an attribute, by id.',
  },
  opPolicy: { id: 9, c: 'CTRL_ATTR_OP_POLICY', codec: byNumber('op-policy', nest(CTRL_OP_POLICY)), access: 'read' },
  op: { id: 10, c: 'CTRL_ATTR_OP', codec: u32, doc: 'Only the policies of this command.' },
})
export type CtrlAttrs = AttrsOf<typeof CTRL>
