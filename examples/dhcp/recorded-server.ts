import { parseCapture } from '@netkit/kernel'
import { decodeFrame } from './frame.ts'
import { decodeDhcp, TYPE as MESSAGE, typeOf } from './message.ts'

const ARP = 0x0806
const ARP_BYTES = 42
const TYPE = 12
const OPERATION = 20
const SENDER = 22
const TARGET = 32
const REPLY = 2
/** What answers which message. */
const ANSWERS: Readonly<Record<number, number>> = { [MESSAGE.discover]: MESSAGE.offer, [MESSAGE.request]: MESSAGE.ack }
const SERVER_OP = 2

/**
 * Plays the server of a recording: answers a discover with its offer and a request with its acknowledgement, for the same client and
 * transaction as in the recording, and who asks for the server's hardware address. Gives what takes the frames; `reply` is called for what comes back.
 */
export function recordedServer(recording: Uint8Array, reply: (frame: Uint8Array) => void): (frame: Uint8Array) => void {
  const replies = new Map<string, Uint8Array>()
  let own = new Uint8Array(6)
  for (const { data } of parseCapture(recording)) {
    const datagram = decodeFrame(data)
    const message = datagram && decodeDhcp(datagram.payload)
    if (message?.op !== SERVER_OP) continue
    replies.set(`${message.xid} ${typeOf(message)}`, data)
    own = data.slice(6, 12)
  }
  return (frame) => {
    const asker = frame.slice(6, 12)
    if (((frame[TYPE] << 8) | frame[TYPE + 1]) === ARP) {
      reply(arpReply(frame, own))
      return
    }
    const datagram = decodeFrame(frame)
    const message = datagram && decodeDhcp(datagram.payload)
    const found = message && replies.get(`${message.xid} ${ANSWERS[typeOf(message) ?? 0]}`)
    if (!found) return
    const answer = found.slice()
    answer.set(asker, 0)
    reply(answer)
  }
}

/** Sender and target change places. Source: RFC 826. */
function arpReply(request: Uint8Array, own: Uint8Array): Uint8Array {
  const frame = request.slice(0, ARP_BYTES)
  const asker = request.slice(SENDER, SENDER + 10)
  frame.set(asker.subarray(0, 6), 0)
  frame.set(own, 6)
  frame[OPERATION + 1] = REPLY
  frame.set(own, SENDER)
  frame.set(request.subarray(TARGET + 6, TARGET + 10), SENDER + 6)
  frame.set(asker, TARGET)
  return frame
}
