import { s32, u8, u32 } from '../../attr/integers.ts'
import { struct } from '../../attr/struct.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'

/** Source: uapi struct rtgenmsg, padded. */
export const NSID_HEADER = struct('rtgenmsg', { family: u8, pad1: u8, pad2: u8, pad3: u8 }, true)

/** Ids of namespaces, as one namespace knows others. Source: spec 01 §2.15; uapi NETNSA_*. */
export const NSID = attrTable('nsid', {
  nsid: { id: 1, c: 'NETNSA_NSID', codec: s32, doc: 'The id; negative: none, or the lowest free one.' },
  pid: { id: 2, c: 'NETNSA_PID', codec: u32, doc: 'The namespace of this process.' },
  fd: { id: 3, c: 'NETNSA_FD', codec: u32, doc: 'The namespace of this file descriptor of the requester.' },
  targetNsid: { id: 4, c: 'NETNSA_TARGET_NSID', codec: s32, doc: 'Answer as the namespace with this id knows it.' },
  currentNsid: { id: 5, c: 'NETNSA_CURRENT_NSID', codec: s32, policy: { type: 'unspec' }, access: 'read' },
})
export type NsidAttrs = AttrsOf<typeof NSID>
