/** ICMP and ICMPv6 echoes as datagram sockets take them: identifier and checksum are the kernel's business. */
export interface EchoKind {
  readonly request: number
  readonly reply: number
  /** IPPROTO_ICMP, IPPROTO_ICMPV6. */
  readonly protocol: number
  /** The option IP_RECVERR or IPV6_RECVERR. */
  readonly receiveErrors: { readonly level: number; readonly name: number }
}

export const ECHO4: EchoKind = { request: 8, reply: 0, protocol: 1, receiveErrors: { level: 0, name: 11 } }
export const ECHO6: EchoKind = { request: 128, reply: 129, protocol: 58, receiveErrors: { level: 41, name: 25 } }

/** Bytes before the data. */
export const ECHO_HEADER = 8
/** Most bytes of data: what an IPv4 packet holds. */
export const ECHO_MOST = 65_507

/** A request with `size` bytes of data behind its header, each its own number. */
export function echoRequest({ request }: EchoKind, sequence: number, size: number): Uint8Array {
  const bytes = Uint8Array.from({ length: ECHO_HEADER + size }, (_, i) => i - ECHO_HEADER)
  bytes.fill(0, 0, ECHO_HEADER)
  bytes[0] = request
  new DataView(bytes.buffer).setUint16(6, sequence)
  return bytes
}

/** The low 16 bits of the sequence number in a message of this type; undefined in others. */
export function echoSequence(bytes: Uint8Array, type: number): number | undefined {
  if (bytes.length < ECHO_HEADER || bytes[0] !== type) return undefined
  return (bytes[6] << 8) | bytes[7]
}
