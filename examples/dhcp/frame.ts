/** Frames of Ethernet with a datagram of UDP over IPv4 in them, as an application has to make them that owns its rings. */
export interface UdpFrame {
  readonly from: Endpoint
  readonly to: Endpoint
  readonly payload: Uint8Array
}

export interface Endpoint {
  /** 6 bytes. */
  readonly mac: Uint8Array
  /** 4 bytes. */
  readonly address: Uint8Array
  readonly port: number
}

const ETHERNET = 14
const IP = 20
const UDP = 8
const HEADERS = ETHERNET + IP + UDP
const IPV4 = 0x0800
const PROTOCOL_UDP = 17

export function encodeFrame({ from, to, payload }: UdpFrame): Uint8Array {
  const bytes = new Uint8Array(HEADERS + payload.length)
  const view = new DataView(bytes.buffer)
  bytes.set(to.mac, 0)
  bytes.set(from.mac, 6)
  view.setUint16(12, IPV4)
  bytes[ETHERNET] = 0x45
  view.setUint16(ETHERNET + 2, IP + UDP + payload.length)
  bytes[ETHERNET + 8] = 64
  bytes[ETHERNET + 9] = PROTOCOL_UDP
  bytes.set(from.address, ETHERNET + 12)
  bytes.set(to.address, ETHERNET + 16)
  view.setUint16(ETHERNET + 10, checksum(view, ETHERNET, IP))
  const udp = ETHERNET + IP
  view.setUint16(udp, from.port)
  view.setUint16(udp + 2, to.port)
  view.setUint16(udp + 4, UDP + payload.length)
  bytes.set(payload, HEADERS)
  // Pseudo header: addresses, protocol, length.
  const sum = checksum(view, ETHERNET + 12, 8 + UDP + payload.length, PROTOCOL_UDP + UDP + payload.length)
  view.setUint16(udp + 6, sum === 0 ? 0xffff : sum)
  return bytes
}

/** Undefined for frames with anything else in them. */
export function decodeFrame(bytes: Uint8Array): UdpFrame | undefined {
  if (bytes.length < HEADERS) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = (bytes[ETHERNET] & 0xf) * 4
  if (view.getUint16(12) !== IPV4 || bytes[ETHERNET + 9] !== PROTOCOL_UDP || header < IP) return undefined
  const udp = ETHERNET + header
  if (bytes.length < udp + UDP) return undefined
  const end = udp + view.getUint16(udp + 4)
  return {
    from: { mac: bytes.slice(6, 12), address: bytes.slice(26, 30), port: view.getUint16(udp) },
    to: { mac: bytes.slice(0, 6), address: bytes.slice(30, 34), port: view.getUint16(udp + 2) },
    payload: bytes.slice(udp + UDP, end),
  }
}

/** The checksum of the internet. Source: RFC 1071. */
function checksum(view: DataView, at: number, length: number, start = 0): number {
  let sum = start
  for (let i = 0; i + 1 < length; i += 2) sum += view.getUint16(at + i)
  if (length % 2 === 1) sum += view.getUint8(at + length - 1) << 8
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
