import { CAP_BPF, CAP_NET_ADMIN, CAP_PERFMON, CAP_SYS_ADMIN } from '../../access/capability.ts'
import { capableIn } from '../../access/credentials.ts'
import type { BpfCall } from './call.ts'

type Caller = Pick<BpfCall, 'kernel' | 'process'>

/** What bpf(2) asks for; whoever administers the system has it all. Source: spec 02 §3.1, §6.1. */
const has =
  (capability: number) =>
  ({ kernel: { initialUserNs }, process: { credentials } }: Caller): boolean =>
    capableIn(credentials, initialUserNs, capability) || capableIn(credentials, initialUserNs, CAP_SYS_ADMIN)

export const mayUseBpf = has(CAP_BPF)
export const mayAdministerNet = has(CAP_NET_ADMIN)
export const maySeeAddresses = has(CAP_PERFMON)
export const administersSystem = has(CAP_SYS_ADMIN)
