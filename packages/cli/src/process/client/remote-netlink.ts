import { type Datagram, type NetlinkDoor, refused } from '@netkit/netlink'
import { FRAME } from '../wire/frames.ts'
import type { NetlinkArg } from '../wire/protocol.ts'
import type { ClientConnection } from './connection.ts'
import { Inbox } from './inbox.ts'
import type { Remote } from './remote.ts'

const SEND_LIMIT = 212_992 - 32

/** A netlink socket in the kernel process, on a connection of its own. */
export class RemoteNetlink implements NetlinkDoor {
  readonly portId: number
  readonly #connection: ClientConnection
  readonly #inbox: Inbox<Datagram>

  constructor(connection: ClientConnection, portId: number) {
    this.portId = portId
    this.#connection = connection
    this.#inbox = new Inbox(connection)
    connection.listen({
      onFrame: (type, payload) => this.#take(type, payload),
      onEnd: (why) => this.#inbox.end(why),
    })
  }

  static async open(remote: Remote, netlink: NetlinkArg): Promise<RemoteNetlink> {
    const [connection, welcome] = await remote.connect({ door: 'netlink', netlink })
    return new RemoteNetlink(connection, welcome.portId ?? 0)
  }

  #take(type: number, payload: Uint8Array): void {
    if (type === FRAME.datagram) this.#inbox.put({ bytes: payload, group: 0 }, payload.length)
    else if (type === FRAME.lost) this.#inbox.fail(refused('receive', 'ENOBUFS'))
    else if (type === FRAME.multicast) {
      const view = new DataView(payload.buffer, payload.byteOffset)
      const nsid = view.getInt32(4, true)
      const bytes = payload.subarray(8)
      const group = view.getUint32(0, true)
      this.#inbox.put(nsid < 0 ? { bytes, group } : { bytes, group, nsid }, payload.length)
    }
  }

  async send(datagram: Uint8Array): Promise<void> {
    if (datagram.length > SEND_LIMIT) throw refused(`send ${datagram.length} bytes`, 'EMSGSIZE')
    await this.#connection.request(FRAME.datagram, datagram, 'send')
  }

  receive(): AsyncIterable<Datagram> {
    return this.#inbox
  }

  async join(group: number): Promise<void> {
    await this.#connection.call('join', { group })
  }

  async leave(group: number): Promise<void> {
    await this.#connection.call('leave', { group })
  }

  async close(): Promise<void> {
    await this.#connection.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
