import { s32, u32, uint } from '../../attr/integers.ts'
import { type AttrsOf, attrTable } from '../../attr/table.ts'
import { checked, enumOf, ranged } from '../../attr/values.ts'

export const NAPI_THREADED = { disabled: 0, enabled: 1, 'busy-poll': 2 } as const

/** Source: spec 01 §4.5; uapi NETDEV_A_NAPI_*. */
export const NETDEV_NAPI = attrTable('napi', {
  ifindex: { id: 1, c: 'NETDEV_A_NAPI_IFINDEX', codec: ranged(u32, { min: 1 }) },
  id: { id: 2, c: 'NETDEV_A_NAPI_ID', codec: u32 },
  irq: { id: 3, c: 'NETDEV_A_NAPI_IRQ', codec: u32, access: 'read' },
  pid: {
    id: 4,
    c: 'NETDEV_A_NAPI_PID',
    codec: u32,
    access: 'read',
    doc: 'Process of its kernel thread, if it has one.',
  },
  deferHardIrqs: {
    id: 5,
    c: 'NETDEV_A_NAPI_DEFER_HARD_IRQS',
    since: '6.13',
    codec: s32,
    policy: { type: 'u32', max: 0x7fff_ffffn },
    doc: 'Empty polls before interrupts are enabled again.',
  },
  groFlushTimeout: { id: 6, c: 'NETDEV_A_NAPI_GRO_FLUSH_TIMEOUT', since: '6.13', codec: uint, doc: 'Nanoseconds.' },
  irqSuspendTimeout: { id: 7, c: 'NETDEV_A_NAPI_IRQ_SUSPEND_TIMEOUT', since: '6.13', codec: uint, doc: 'Nanoseconds.' },
  threaded: {
    id: 8,
    c: 'NETDEV_A_NAPI_THREADED',
    since: '6.17',
    codec: checked(enumOf(uint, NAPI_THREADED), { type: 'u32', max: 2n }),
    doc: 'Whether a kernel thread of its own polls it.',
  },
})
export type NetdevNapi = AttrsOf<typeof NETDEV_NAPI>
