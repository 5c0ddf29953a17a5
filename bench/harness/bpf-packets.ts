/** The packets, rules and keys that the benchmarks' programs work on. */

const ETHERNET = 14
const IP = 20
const UDP = 8
const SOURCE = [10, 0, 0, 1]
const DESTINATION = [10, 0, 1, 2]
const PORTS = { source: 40000, destination: 8080 }

/** An Ethernet frame with IPv4 and UDP, filled up to `size`. */
function udpFrame(size: number, destinationPort: number, payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(size).map((_, i) => (i * 7) & 0xff)
  const view = new DataView(frame.buffer)
  frame.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0])
  frame.set([0x45, 0, 0, 0, 0, 1, 0, 0, 64, 17, 0, 0, ...SOURCE, ...DESTINATION], ETHERNET)
  view.setUint16(ETHERNET + 2, size - ETHERNET)
  view.setUint16(ETHERNET + IP, PORTS.source)
  view.setUint16(ETHERNET + IP + 2, destinationPort)
  view.setUint16(ETHERNET + IP + 4, size - ETHERNET - IP)
  view.setUint16(ETHERNET + IP + 6, 0x1234)
  frame.set(payload, ETHERNET + IP + UDP)
  return frame
}

const NO_PAYLOAD = new Uint8Array(0)

export function packetOf(kind: string): Uint8Array {
  if (kind === 'large') return udpFrame(1414, PORTS.destination, NO_PAYLOAD)
  if (kind !== 'vxlan') return udpFrame(64, PORTS.destination, NO_PAYLOAD)
  const header = Uint8Array.of(8, 0, 0, 0, 0, 0, 42, 0)
  const inner = udpFrame(64, 53, NO_PAYLOAD)
  return udpFrame(ETHERNET + IP + UDP + 8 + 64, 4789, new Uint8Array([...header, ...inner]))
}

/** `struct flow`; others than the packets' for numbers but 0. */
export function flow(number = 0): Uint8Array {
  const bytes = new Uint8Array(16)
  const view = new DataView(bytes.buffer)
  bytes.set([...SOURCE, ...DESTINATION])
  view.setUint16(8, PORTS.source + number)
  view.setUint16(10, PORTS.destination)
  view.setUint32(12, 17, true)
  return bytes
}

/** `struct service` of the packets' destination. */
export function service(): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  bytes.set(DESTINATION)
  view.setUint16(4, PORTS.destination)
  view.setUint16(6, 17, true)
  return bytes
}

/** 64 times `struct rule`, of which only the last one matches. */
export const RULES: readonly Uint8Array[] = Array.from({ length: 64 }, (_, i) => {
  const bytes = new Uint8Array(24)
  const view = new DataView(bytes.buffer)
  const isLast = i === 63
  bytes.set([10, 0, isLast ? 0 : 200 + (i & 7), isLast ? 1 : i, 255, 255, 255, 255, ...DESTINATION, 255, 255, 255, 255])
  view.setUint16(16, 8000, true)
  view.setUint16(18, 9000, true)
  view.setUint32(20, 77, true)
  return bytes
})
