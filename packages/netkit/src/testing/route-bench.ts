import { errno, type LinkAttrs, RT_LINK } from '@netkit/netlink'
import { ack, PlayedKernel, playRoute, type ReadRequest, routeMessage, seqOf } from '@netkit/netlink/testing'
import { connect } from '../connect.ts'
import type { Kernel } from '../kernel.ts'

/** A connection to a kernel whose rtnetlink is played, and what was asked of it. */
export interface RouteBench {
  kernel: Kernel
  played: PlayedKernel
  requests: ReadRequest[]
}

/** A kernel that answers as the function says; `undefined` is a plain acknowledgement. */
export const routeBench = async (
  answer: (r: ReadRequest) => readonly Uint8Array[] | undefined,
): Promise<RouteBench> => {
  const requests: ReadRequest[] = []
  const played = new PlayedKernel(
    playRoute((r) => {
      requests.push(r)
      return answer(r) ?? []
    }),
  )
  return { kernel: await connect(async () => played), played, requests }
}

/** A link message that answers a request. */
export const link = (r: ReadRequest, ifindex: number, attrs: LinkAttrs = {}, flags = 0) =>
  routeMessage(RT_LINK.newlink, { ifindex, flags }, attrs, { seq: seqOf(r.bytes) })

/** A refusal without words. */
export const refuse = (r: ReadRequest, code: keyof typeof errno) => [ack(r.bytes, errno[code])]

/** Requests as one flat object each: name, header, attributes. */
export const lines = (requests: readonly ReadRequest[]) => requests.map((r) => ({ c: r.c, ...r.header, ...r.attrs }))
