import * as layout from './fields.ts'

const {
  FLAG_IGNORE_DF,
  FLAG_OFFLOAD_FORWARDED,
  PKT_DST,
  PKT_IIF,
  PKT_STATE,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  TSTAMP_MASK,
  TSTAMP_REALTIME,
  TYPE_MASK,
} = layout

/** State that no packet takes along to another device's owner: to whom it was addressed, and what offloads said. */
const FORGOTTEN = TYPE_MASK | FLAG_IGNORE_DF | FLAG_OFFLOAD_FORWARDED

/** Takes from a packet what only meant something where it was. `i`: its first word. Source: spec 02 §1.3, first column. */
export function scrub(fields: Int32Array, i: number): void {
  fields[i + PKT_STATE] &= ~FORGOTTEN
  fields[i + PKT_IIF] = 0
  fields[i + PKT_DST] = 0
}

/** Forgets when a packet was received; delivery times, which are of another clock, stay. Source: spec 02 §1.3. */
export function forgetArrival(fields: Int32Array, i: number): void {
  if ((fields[i + PKT_STATE] & TSTAMP_MASK) !== TSTAMP_REALTIME) return
  fields[i + PKT_TSTAMP_LO] = 0
  fields[i + PKT_TSTAMP_HI] = 0
}
