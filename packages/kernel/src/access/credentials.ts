import type { UserNamespace } from './user-namespace.ts'

/** Who asks. */
export interface Credentials {
  readonly uid: number
  readonly userNs: UserNamespace
  /** Bit set of capabilities in `userNs`. */
  readonly capabilities: bigint
}

const BITS = Array.from({ length: 64 }, (_, capability) => 1n << BigInt(capability))

/** Whether someone has a capability over what `target` owns. The maker of a user namespace has all capabilities in it. */
export function capableIn(who: Credentials, target: UserNamespace, capability: number): boolean {
  for (let ns: UserNamespace | undefined = target; ns; ns = ns.parent) {
    if (ns === who.userNs) return (who.capabilities & BITS[capability]) !== 0n
    if (ns.parent === who.userNs && ns.ownerUid === who.uid) return true
  }
  return false
}
