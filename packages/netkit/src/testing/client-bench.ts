import { NETLINK_ROUTE, RT_LINK } from '@netkit/netlink'
import { type Play, PlayedSocket, routeMessage, seqOf } from '@netkit/netlink/testing'
import { NetlinkClient } from '../request/client.ts'
import { routeRequest } from '../request/message.ts'
import type { KernelWarning } from '../request/refusal.ts'

/** A client over sockets that are played, all sockets that it opened, and the warnings that it passed on. */
export interface ClientBench {
  client: NetlinkClient
  sockets: PlayedSocket[]
  warnings: KernelWarning[]
}

export const clientBench = (play: Play): ClientBench => {
  const sockets: PlayedSocket[] = []
  const warnings: KernelWarning[] = []
  const client = new NetlinkClient({
    protocol: NETLINK_ROUTE,
    open: async () => {
      const socket = new PlayedSocket(play, { protocol: NETLINK_ROUTE }, 1)
      sockets.push(socket)
      return socket
    },
    families: () => undefined,
    onWarning: (w) => warnings.push(w),
  })
  return { client, sockets, warnings }
}

/** A request for one link. */
export const ask = (ifindex = 1) => routeRequest(RT_LINK.getlink, 0, { ifindex }, {})
/** The link message that answers it. */
export const link = (request: Uint8Array, ifindex: number, flags = 0) =>
  routeMessage(RT_LINK.newlink, { ifindex }, { ifname: `d${ifindex}` }, { seq: seqOf(request), flags })
/** The ifindex in a request. */
export const indexIn = (request: Uint8Array) => new DataView(request.buffer).getInt32(20, true)
/** Until everything that can happen has happened. */
export const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
