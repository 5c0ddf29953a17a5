import type { CongestionControl } from './control.ts'
import { cubic } from './cubic.ts'
import { reno } from './reno.ts'

/** By name, as TCP_CONGESTION and net.ipv4.tcp_congestion_control have them. */
export const CONGESTION: ReadonlyMap<string, CongestionControl> = new Map([
  ['reno', reno],
  ['cubic', cubic],
])
