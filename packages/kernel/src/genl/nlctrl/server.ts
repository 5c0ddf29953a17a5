import { NLCTRL } from '@netkit/netlink'
import type { FamilyServer, Registered } from '../call.ts'
import { dumpFamilies, getFamily } from './get-family.ts'
import { dumpPolicies } from './get-policy.ts'

/** What the controller needs to know of the registry. */
export interface Families {
  readonly families: readonly Registered[]
  byId(id: number): Registered | undefined
  find(name: string): Registered | undefined
}

export const nlctrlServer = (families: Families): FamilyServer => ({
  family: NLCTRL,
  handlers: {
    getfamily: { do: (call) => getFamily(call, families), dump: (call) => dumpFamilies(call, families) },
    getpolicy: { dump: (call) => dumpPolicies(call, families) },
  },
})
