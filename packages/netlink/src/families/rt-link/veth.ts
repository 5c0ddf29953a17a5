import { lazy } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { LINK_HEADER } from './header.ts'
import { peerInfo } from './peer.ts'

/** Inside IFLA_INFO_DATA of a veth device. Source: uapi VETH_INFO_*. */
export const VETH = attrTable('veth', {
  peer: {
    id: 1,
    c: 'VETH_INFO_PEER',
    codec: lazy('link message', { type: 'unspec', min: LINK_HEADER.size }, () => peerInfo),
    access: 'create',
    doc: 'The other end to be: a link message of its own.',
  },
})
export type VethData = AttrsOf<typeof VETH>
