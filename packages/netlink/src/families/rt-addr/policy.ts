import type { Policy } from '../../attr/policy.ts'
import { policyOf } from '../../attr/table.ts'
import { ADDR } from './addr.ts'

const u32: Policy = { type: 'u32' }
const atLeast = (min: number): Policy => ({ type: 'unspec', min })

/** What the two families check of addresses in requests. Source: what Linux 7.3 answers. */
export const ADDR_POLICY_V4 = policyOf(ADDR, {
  address: u32,
  local: u32,
  label: true,
  broadcast: u32,
  cacheInfo: atLeast(16),
  flags: u32,
  rtPriority: true,
  targetNetnsid: true,
  proto: { type: 'u8' },
})
export const ADDR_POLICY_V6 = policyOf(ADDR, {
  address: atLeast(16),
  local: atLeast(16),
  cacheInfo: atLeast(16),
  flags: atLeast(4),
  rtPriority: atLeast(4),
  targetNetnsid: true,
  proto: { type: 'u8' },
})
