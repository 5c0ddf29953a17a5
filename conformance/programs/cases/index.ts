import type { ProgramCase } from '../program-case.ts'
import { CHAIN } from './chain.ts'
import { COUNT } from './count.ts'
import { DNS } from './dns.ts'
import { FIREWALL } from './firewall.ts'
import { LOAD_BALANCER } from './load-balancer.ts'
import { NAT } from './nat.ts'
import { PIPELINE } from './pipeline.ts'
import { POD_REDIRECT } from './pod-redirect.ts'
import { RATE_LIMITER } from './rate-limiter.ts'
import { GENEVE, VXLAN } from './tunnels.ts'

/** What runs beside Linux, each program of examples/programs. */
export const PROGRAM_CASES: readonly ProgramCase[] = [
  COUNT,
  FIREWALL,
  NAT,
  LOAD_BALANCER,
  VXLAN,
  GENEVE,
  RATE_LIMITER,
  DNS,
  PIPELINE,
  POD_REDIRECT,
  CHAIN,
]
