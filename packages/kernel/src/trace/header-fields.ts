/** What headers say, by names as people write them: `ip.dst` `10.0.0.1`. */
export type HeaderFields = Map<string, string>

const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`
const mac = (b: Uint8Array, at: number): string =>
  Array.from(b.subarray(at, at + 6), (byte) => byte.toString(16).padStart(2, '0')).join(':')
const dotted = (b: Uint8Array, at: number): string => b.subarray(at, at + 4).join('.')
const colons = (view: DataView, at: number): string =>
  Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16))
    .join(':')
    .replace(/(^|:)0(:0)+(:|$)/, '::')

const ETHERNET = 14
const VLAN_TYPES = [0x8100, 0x88a8]
const WITH_PORTS: Readonly<Record<number, string>> = { 6: 'tcp', 17: 'udp', 132: 'sctp' }
const CHECKSUM_AT: Readonly<Record<string, number>> = { tcp: 16, udp: 6, sctp: 8 }
/** Tunnels of UDP by their port: where the inner frame begins behind its header. */
const TUNNELS: Readonly<Record<number, string>> = { 4789: 'vxlan', 6081: 'geneve' }
const MOST_LAYERS = 3

/** The fields of a frame's headers, of tunnels the inner ones too. What is cut is left out. */
export function headerFields(frame: Uint8Array): HeaderFields {
  const fields: HeaderFields = new Map()
  ethernet(fields, frame, '', 0)
  return fields
}

function ethernet(fields: HeaderFields, b: Uint8Array, layer: string, depth: number): void {
  if (b.length < ETHERNET || depth === MOST_LAYERS) return
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  fields.set(`${layer}eth.dst`, mac(b, 0)).set(`${layer}eth.src`, mac(b, 6))
  let at = ETHERNET
  let type = view.getUint16(12)
  for (; VLAN_TYPES.includes(type) && b.length >= at + 4; at += 4) {
    fields.set(`${layer}vlan`, `${view.getUint16(at) & 0xfff}`)
    type = view.getUint16(at + 2)
  }
  fields.set(`${layer}eth.type`, hex(type, 4))
  if (type === 0x0800) ipv4(fields, b.subarray(at), layer, depth)
  else if (type === 0x86dd) ipv6(fields, b.subarray(at), layer, depth)
}

function ipv4(fields: HeaderFields, b: Uint8Array, layer: string, depth: number): void {
  if (b.length < 20) return
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  fields
    .set(`${layer}ip.src`, dotted(b, 12))
    .set(`${layer}ip.dst`, dotted(b, 16))
    .set(`${layer}ip.tos`, hex(b[1], 2))
    .set(`${layer}ip.ttl`, `${b[8]}`)
    .set(`${layer}ip.proto`, `${b[9]}`)
    .set(`${layer}ip.len`, `${view.getUint16(2)}`)
    .set(`${layer}ip.id`, `${view.getUint16(4)}`)
    .set(`${layer}ip.frag`, hex(view.getUint16(6), 4))
    .set(`${layer}ip.checksum`, hex(view.getUint16(10), 4))
  if ((view.getUint16(6) & 0x1fff) === 0) inside(fields, b.subarray((b[0] & 0xf) * 4), b[9], layer, depth)
}

function ipv6(fields: HeaderFields, b: Uint8Array, layer: string, depth: number): void {
  if (b.length < 40) return
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  fields
    .set(`${layer}ip6.src`, colons(view, 8))
    .set(`${layer}ip6.dst`, colons(view, 24))
    .set(`${layer}ip6.hlim`, `${b[7]}`)
    .set(`${layer}ip6.next`, `${b[6]}`)
    .set(`${layer}ip6.len`, `${view.getUint16(4)}`)
    .set(`${layer}ip6.flow`, hex(view.getUint32(0) & 0xfff_ffff, 7))
  inside(fields, b.subarray(40), b[6], layer, depth)
}

function inside(fields: HeaderFields, b: Uint8Array, protocol: number, layer: string, depth: number): void {
  if (b.length < 4) return
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  if (protocol === 4) ipv4(fields, b, `${layer}inner.`, depth + 1)
  if (protocol === 41) ipv6(fields, b, `${layer}inner.`, depth + 1)
  if (protocol === 1 || protocol === 58) {
    fields.set(`${layer}icmp.type`, `${b[0]}`).set(`${layer}icmp.code`, `${b[1]}`)
    fields.set(`${layer}icmp.checksum`, hex(view.getUint16(2), 4))
  }
  const name = WITH_PORTS[protocol]
  if (name === undefined) return
  fields.set(`${layer}${name}.src`, `${view.getUint16(0)}`).set(`${layer}${name}.dst`, `${view.getUint16(2)}`)
  const checksum = CHECKSUM_AT[name]
  if (b.length >= checksum + 2) fields.set(`${layer}${name}.checksum`, hex(view.getUint16(checksum), 4))
  if (name === 'tcp' && b.length >= 14) fields.set(`${layer}tcp.flags`, hex(b[13], 2))
  if (name === 'udp' && b.length >= 8) {
    fields.set(`${layer}udp.len`, `${view.getUint16(4)}`)
    tunnel(fields, b, TUNNELS[view.getUint16(2)], layer, depth)
  }
}

function tunnel(fields: HeaderFields, b: Uint8Array, name: string | undefined, layer: string, depth: number): void {
  if (name === undefined || b.length < 16) return
  const view = new DataView(b.buffer, b.byteOffset, b.byteLength)
  fields.set(`${layer}${name}.vni`, `${view.getUint32(12) >>> 8}`)
  const options = name === 'geneve' ? (b[8] & 0x3f) * 4 : 0
  ethernet(fields, b.subarray(16 + options), `${layer}inner.`, depth + 1)
}
