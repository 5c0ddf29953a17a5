import { FrameBatch, type XskSocket } from 'netkit'
import { decodeFrame, encodeFrame } from './frame.ts'
import { type DhcpMessage, decodeDhcp, encodeDhcp, OPTION, TYPE, toBytes, toText, typeOf } from './message.ts'

const NOBODY = new Uint8Array(4)
const EVERYBODY = { mac: new Uint8Array(6).fill(255), address: new Uint8Array(4).fill(255) }
const BROADCAST = 0x8000
const CLIENT_PORT = 68
const SERVER_PORT = 67
/** Bytes into a chunk, as a driver leaves them. */
const HEADROOM = 256
const PATIENCE = 4000

/** What a client was given. */
export interface DhcpLease {
  readonly address: string
  readonly mask: string | undefined
  readonly router: string | undefined
  /** Seconds. */
  readonly time: number
  readonly server: string
}

/** Who asks, and the number of the transaction. */
export interface DhcpClient {
  readonly mac: Uint8Array
  readonly xid: number
  /** How long an answer may take, in ms. Default: 4000. */
  readonly patience?: number
}

/** Has an address assigned, by the rings of an AF_XDP socket alone: discover, offer, request, ack. Source: RFC 2131 §3.1. */
export async function acquire(socket: XskSocket, client: DhcpClient): Promise<DhcpLease> {
  send(socket, client, new Map([[OPTION.type, Uint8Array.of(TYPE.discover)]]))
  const offer = await answer(socket, client, TYPE.offer)
  const server = offer.options.get(OPTION.server)
  if (server === undefined) throw new Error('an offer that does not say whose')
  const wish = new Map([
    [OPTION.type, Uint8Array.of(TYPE.request)],
    [OPTION.requestedAddress, toBytes(offer.yiaddr ?? '')],
    [OPTION.server, server],
  ])
  send(socket, client, wish)
  const ack = await answer(socket, client, TYPE.ack)
  const text = (option: number): string | undefined => {
    const bytes = ack.options.get(option)
    return bytes && toText(bytes)
  }
  const time = ack.options.get(OPTION.leaseTime) ?? new Uint8Array(4)
  return {
    address: ack.yiaddr ?? '',
    mask: text(OPTION.subnetMask),
    router: text(OPTION.router),
    time: new DataView(time.buffer).getUint32(0),
    server: toText(server),
  }
}

function send({ rings }: XskSocket, { mac, xid }: DhcpClient, options: ReadonlyMap<number, Uint8Array>): void {
  const payload = encodeDhcp({ op: 1, xid, flags: BROADCAST, chaddr: mac, options })
  sendFrame(
    rings,
    encodeFrame({
      from: { mac, address: NOBODY, port: CLIENT_PORT },
      to: { ...EVERYBODY, port: SERVER_PORT },
      payload,
    }),
  )
}

/** Sends a frame by the TX ring. */
export function sendFrame(rings: XskSocket['rings'], frame: Uint8Array): void {
  const batch = new FrameBatch(1)
  if (rings.allocate(batch) === 0) throw new Error('no chunk is free')
  batch.offsets[0] += HEADROOM
  batch.lengths[0] = frame.length
  rings.umem.set(frame, batch.offsets[0])
  rings.send(batch)
}

/** The answer of a type, from what the RX ring brings. */
async function answer(socket: XskSocket, client: DhcpClient, type: number): Promise<DhcpMessage> {
  const batch = new FrameBatch(16)
  const { rings } = socket
  const { mac, xid, patience = PATIENCE } = client
  const end = performance.now() + patience
  for (let left = patience; left > 0 && (await socket.readable(left)); left = end - performance.now()) {
    rings.receive(batch)
    const frames = Array.from({ length: batch.count }, (_, n) =>
      rings.umem.slice(batch.offsets[n], batch.offsets[n] + batch.lengths[n]),
    )
    rings.release(batch)
    for (const frame of frames) {
      const datagram = decodeFrame(frame)
      const message = datagram?.to.port === CLIENT_PORT ? decodeDhcp(datagram.payload) : undefined
      if (message?.xid !== xid || !message.chaddr.every((byte, i) => byte === mac[i])) continue
      if (typeOf(message) === TYPE.nak) throw new Error('the server refuses')
      if (typeOf(message) === type) return message
    }
  }
  throw new Error('nobody answers')
}
