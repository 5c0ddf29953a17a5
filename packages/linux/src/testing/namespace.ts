import {
  decodeAck,
  type KernelDoors,
  KernelError,
  type NamespaceHandle,
  NETLINK_ROUTE,
  type NetlinkDoor,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  NLMSG_ERROR,
  RT_LINK,
} from '@netkit/netlink'
import { freshName } from './here.ts'
import { linkRequest, read } from './requests.ts'

/** A namespace for one test and a socket in it. Gone at the end. */
export interface Place extends AsyncDisposable {
  readonly name: string
  readonly handle: NamespaceHandle
  readonly route: NetlinkDoor
}

export async function makePlace(doors: KernelDoors): Promise<Place> {
  const name = freshName()
  await doors.namespaces.create(name)
  const handle = await doors.namespaces.open({ name })
  const route = await doors.netlink({ protocol: NETLINK_ROUTE, namespace: handle })
  return {
    name,
    handle,
    route,
    async [Symbol.asyncDispose]() {
      await doors.namespaces.remove(name)
      await route.close()
      await handle.close()
    },
  }
}

/** Sends a request and waits until the kernel has carried it out. Throws what it refuses with. */
export async function perform(socket: NetlinkDoor, request: Uint8Array): Promise<void> {
  await socket.send(request)
  while (true) {
    const ack = (await read(socket, 1)).find((m) => m.header.type === NLMSG_ERROR)
    if (!ack) continue
    const { errno } = decodeAck(ack)
    if (errno !== 0) throw new KernelError({ op: 'test', errno })
    return
  }
}

/** Makes a veth pair. */
export const makePair = (socket: NetlinkDoor, name: string, peer: string): Promise<void> =>
  perform(
    socket,
    linkRequest(
      RT_LINK.newlink,
      { ifname: name, linkinfo: { kind: 'veth', data: { peer: { ifname: peer } } } },
      {},
      NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
    ),
  )

/** Makes the kernel tell everybody who listens about a device of this index. */
export const setMtu = (socket: NetlinkDoor, ifindex: number, mtu: number): Promise<void> =>
  perform(socket, linkRequest(RT_LINK.setlink, { mtu }, { ifindex }))
