import { type Ack, type FamilyById, KernelError, locateAttr, missingAttr } from '@netkit/netlink'

/** What a kernel said to a request that it carried out all the same. */
export interface KernelWarning {
  /** What was done, as a user would say it. */
  readonly op: string
  /** The kernel's own words. */
  readonly text: string
}

/** Makes the error that tells what a kernel refused: its words, and the attribute that it points at, by name. */
export function refusal(
  op: string,
  request: Uint8Array,
  protocol: number,
  ack: Ack,
  families: FamilyById,
): KernelError {
  const { msg, offset, policy, missType, missNest } = ack.extack
  return new KernelError({
    op,
    errno: ack.errno,
    extack: msg,
    offset,
    attr: offset === undefined ? undefined : locateAttr(request, protocol, offset, families),
    policy,
    missing: missType === undefined ? undefined : missingAttr(request, protocol, missType, missNest, families),
  })
}
