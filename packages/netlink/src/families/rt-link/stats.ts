import type { Codec } from '../../attr/codec.ts'
import { u8, u16, u32, u64 } from '../../attr/integers.ts'
import { struct } from '../../attr/struct.ts'

const NAMES = [
  'rxPackets',
  'txPackets',
  'rxBytes',
  'txBytes',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
  'multicast',
  'collisions',
  'rxLengthErrors',
  'rxOverErrors',
  'rxCrcErrors',
  'rxFrameErrors',
  'rxFifoErrors',
  'rxMissedErrors',
  'txAbortedErrors',
  'txCarrierErrors',
  'txFifoErrors',
  'txHeartbeatErrors',
  'txWindowErrors',
  'rxCompressed',
  'txCompressed',
  'rxNohandler',
] as const

type Named<T> = { readonly [K in (typeof NAMES)[number]]: Codec<T> }
const each = <T>(codec: Codec<T>): Named<T> => Object.fromEntries(NAMES.map((name) => [name, codec])) as Named<T>

/** Counters of a device, 25 of 64 bits. Source: spec 01 §2.10.1; uapi struct rtnl_link_stats64. */
export const LINK_STATS64 = struct('rtnl_link_stats64', { ...each(u64), rxOtherhostDropped: u64 }, true)

/** Their low halves, without the last. Source: uapi struct rtnl_link_stats. */
export const LINK_STATS = struct('rtnl_link_stats', each(u32), true)

/** Source: uapi struct rtnl_link_ifmap. */
export const LINK_MAP = struct(
  'rtnl_link_ifmap',
  { memStart: u64, memEnd: u64, baseAddr: u64, irq: u16, dma: u8, port: u8, pad: u32 },
  true,
)
