import { u64 } from '../../attr/integers.ts'
import { nest } from '../../attr/nest.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'

/** What the XDP programs of one hook of a netkit device have decided, in packets. Beyond Linux. Source: spec 03 §8.6. */
const NETKIT_XDP_COUNTS = attrTable('netkit-xdp-counts', {
  tx: { id: 1, c: 'IFLA_NETKIT_XDP_TX', codec: u64, access: 'read', doc: 'Went on to the wire.' },
  pass: {
    id: 2,
    c: 'IFLA_NETKIT_XDP_PASS',
    codec: u64,
    access: 'read',
    doc: "Of egress: handed up to the device's own stack. Of inject: left to what becomes of them without a program.",
  },
  drop: { id: 3, c: 'IFLA_NETKIT_XDP_DROP', codec: u64, access: 'read', doc: 'Dropped.' },
  redirect: {
    id: 4,
    c: 'IFLA_NETKIT_XDP_REDIRECT',
    codec: u64,
    access: 'read',
    doc: 'Sent where a map or helper said.',
  },
  aborted: { id: 5, c: 'IFLA_NETKIT_XDP_ABORTED', codec: u64, access: 'read', doc: 'Answered by no verdict.' },
  redirectErr: {
    id: 6,
    c: 'IFLA_NETKIT_XDP_REDIRECT_ERR',
    codec: u64,
    access: 'read',
    doc: 'Of those redirected: could not be.',
  },
  passErr: { id: 7, c: 'IFLA_NETKIT_XDP_PASS_ERR', codec: u64, access: 'read', doc: 'Of those passed: no memory.' },
  injectOverflow: {
    id: 8,
    c: 'IFLA_NETKIT_XDP_INJECT_OVERFLOW',
    codec: u64,
    access: 'read',
    doc: 'Of those redirected: too many were waiting for the socket.',
  },
})

/** Inside IFLA_INFO_XSTATS of a single netkit device, once programs of the extension `netkit-xdp` have run there. Beyond Linux. */
export const NETKIT_XSTATS = attrTable('netkit-xstats', {
  egress: {
    id: 1,
    c: 'IFLA_NETKIT_XDP_EGRESS',
    codec: nest(NETKIT_XDP_COUNTS, false),
    access: 'read',
    doc: 'Over what AF_XDP applications sent.',
  },
  inject: {
    id: 2,
    c: 'IFLA_NETKIT_XDP_INJECT',
    codec: nest(NETKIT_XDP_COUNTS, false),
    access: 'read',
    doc: "Over what the device's own stack sent.",
  },
})
export type NetkitXstats = AttrsOf<typeof NETKIT_XSTATS>
export const NETKIT_XDP_COUNT_IDS = NETKIT_XDP_COUNTS.ids
