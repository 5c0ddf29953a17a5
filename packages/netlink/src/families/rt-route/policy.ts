import type { Policy } from '../../attr/policy.ts'
import { policyOf } from '../../attr/table.ts'
import { ROUTE } from './route.ts'

const atLeast = (min: number): Policy => ({ type: 'unspec', min })
const NEST: Policy = { type: 'nest' }
const u32: Policy = { type: 'u32' }
const ADDRESS6 = atLeast(16)

const COMMON = {
  iif: u32,
  oif: u32,
  priority: u32,
  metrics: NEST,
  multipath: atLeast(8),
  table: u32,
  mark: u32,
  uid: u32,
  encapType: { type: 'u16' },
  encap: NEST,
  ipProto: { type: 'u8' },
  sport: { type: 'u16' },
  dport: { type: 'u16' },
  nhId: u32,
} as const satisfies Readonly<Record<string, Policy>>

/** Attributes from here on are checked strictly. */
const STRICT_FROM = 30

/** What the two families check of routes in requests. Source: what Linux 7.3 answers. */
export const ROUTE_POLICY_V4 = {
  ...policyOf(ROUTE, { ...COMMON, dst: u32, src: u32, gateway: u32, prefsrc: u32, flow: u32 }),
  maxId: 32,
  strictFrom: STRICT_FROM,
}
export const ROUTE_POLICY_V6 = {
  ...policyOf(ROUTE, {
    ...COMMON,
    gateway: ADDRESS6,
    prefsrc: ADDRESS6,
    expires: u32,
    pref: { type: 'u8' },
    flowlabel: { type: 'be32' },
  }),
  maxId: 32,
  strictFrom: STRICT_FROM,
}
