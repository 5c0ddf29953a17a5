import * as layout from './fields.ts'

const {
  MAC_UNSET,
  META_MASK,
  PKT_CSUM,
  PKT_CSUM_FIELD,
  PKT_DEVICE,
  PKT_DST,
  PKT_GSO,
  PKT_GSO_TYPE,
  PKT_HASH,
  PKT_HWTSTAMP_HI,
  PKT_HWTSTAMP_LO,
  PKT_IIF,
  PKT_INNER_NETWORK,
  PKT_MAC,
  PKT_MARK,
  PKT_NAPI,
  PKT_NETWORK,
  PKT_PRIORITY,
  PKT_PROTOCOL,
  PKT_QUEUE,
  PKT_SOCKET,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TRANSPORT,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
} = layout

/** Leaves of a packet what a frame has: bytes, and metadata before them. `i`: its first word. */
export function becomeFrame(fields: Int32Array, i: number): void {
  fields[i + PKT_DEVICE] = 0
  fields[i + PKT_QUEUE] = 0
  fields[i + PKT_TSTAMP_LO] = 0
  fields[i + PKT_TSTAMP_HI] = 0
  fields[i + PKT_MARK] = 0
  fields[i + PKT_PRIORITY] = 0
  fields[i + PKT_PROTOCOL] = 0
  fields[i + PKT_HASH] = 0
  fields[i + PKT_NETWORK] = 0
  fields[i + PKT_TRANSPORT] = 0
  fields[i + PKT_VLAN] = 0
  fields[i + PKT_GSO] = 0
  fields[i + PKT_GSO_TYPE] = 0
  fields[i + PKT_CSUM] = 0
  fields[i + PKT_CSUM_FIELD] = 0
  fields[i + PKT_IIF] = 0
  fields[i + PKT_INNER_NETWORK] = 0
  fields[i + PKT_TC_INDEX] = 0
  fields[i + PKT_NAPI] = 0
  fields[i + PKT_SOCKET] = 0
  fields[i + PKT_DST] = 0
  fields[i + PKT_HWTSTAMP_LO] = 0
  fields[i + PKT_HWTSTAMP_HI] = 0
  fields[i + PKT_MAC] = MAC_UNSET
  fields[i + PKT_STATE] &= META_MASK
}
