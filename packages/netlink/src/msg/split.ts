import { align4 } from '../bytes/align.ts'
import { Data, DecodeError } from '../bytes/data.ts'
import { decodeHeader, type MessageHeader } from './header.ts'

/** One message of a datagram: its header and where its payload lies. */
export interface Message {
  readonly header: MessageHeader
  readonly data: Data
  /** Offset of the message header in `data`. */
  readonly start: number
  /** Offset behind the payload, padding not counted. */
  readonly end: number
}

/** The bytes of one message, without padding behind. */
export const messageBytes = (m: Message): Uint8Array => m.data.bytes.subarray(m.start, m.end)

/** The messages of a datagram. Throws DecodeError where a length does not fit. */
export function splitMessages(datagram: Uint8Array): Message[] {
  const data = new Data(datagram)
  const messages: Message[] = []
  for (let at = 0; at < datagram.length; ) {
    const left = datagram.length - at
    if (left < 16) throw new DecodeError(at, `${left} bytes left over after the last message`)
    const header = decodeHeader(data, at)
    if (header.length < 16 || header.length > left) {
      throw new DecodeError(at, `message has length ${header.length}, ${left} bytes are left`)
    }
    messages.push({ header, data, start: at, end: at + header.length })
    at += align4(header.length)
  }
  return messages
}
