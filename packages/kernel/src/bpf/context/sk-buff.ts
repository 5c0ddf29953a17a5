import { HOOK, type RunControl } from '../../net/device-programs.ts'
import * as layout from '../../packet/fields.ts'
import type { Packets } from '../../packet/packets.ts'
import type { PacketContext } from './packet-context.ts'
import { wireLength } from './wire-length.ts'

// Engines fold constants of the own module, not imported ones.
const {
  FLAG_AT_INGRESS,
  META_MASK,
  META_SHIFT,
  PKT_DATA,
  PKT_GSO,
  PKT_HASH,
  PKT_HWTSTAMP_HI,
  PKT_HWTSTAMP_LO,
  PKT_IIF,
  PKT_LENGTH,
  PKT_LINEAR,
  PKT_MARK,
  PKT_NAPI,
  PKT_PRIORITY,
  PKT_PROTOCOL,
  PKT_QUEUE,
  PKT_SHIFT,
  PKT_SOCKET,
  PKT_STATE,
  PKT_TC_INDEX,
  PKT_TSTAMP_HI,
  PKT_TSTAMP_LO,
  PKT_VLAN,
  TSTAMP_MASK,
  TSTAMP_SHIFT,
  TYPE_MASK,
} = layout

/** Words of a `struct __sk_buff`. Source: spec 02 §3.2. */
const LEN = 0
const PKT_TYPE = 1
const MARK = 2
const QUEUE_MAPPING = 3
const PROTOCOL = 4
const VLAN_PRESENT = 5
const VLAN_TCI = 6
const VLAN_PROTO = 7
const PRIORITY = 8
const INGRESS_IFINDEX = 9
const IFINDEX = 10
const TC_INDEX = 11
const CB = 12
const CB_WORDS = 5
const HASH = 17
const TC_CLASSID = 18
const DATA = 19
const DATA_END = 20
const NAPI_ID = 21
const DATA_META = 35
const TSTAMP_LO = 38
const TSTAMP_HI = 39
const WIRE_LEN = 40
const GSO_SEGS = 41
const SK = 42
const GSO_SIZE = 44
const TSTAMP_TYPE = 45
const HWTSTAMP_LO = 46
const HWTSTAMP_HI = 47

/** Groups of fields that are filled, and taken back, together: what most programs look at in two of them, with few questions. */
const G_BYTES = 1 << 0
const G_MARKS = 1 << 1
const G_META = 1 << 2
const G_HASH = 1 << 3
const G_TSTAMP = 1 << 4
const G_VLAN = 1 << 5
const G_GSO = 1 << 6
const G_QUEUE = 1 << 7
const G_TC_INDEX = 1 << 8
const G_CONTROL = 1 << 9
const G_REST = 1 << 10
/** What few programs look at. */
const RARE = ~(G_BYTES | G_MARKS)

/** The group of each field, by its name in `struct __sk_buff`. */
export const SK_BUFF_GROUPS: Readonly<Record<string, number>> = {
  len: G_BYTES,
  pkt_type: G_MARKS,
  mark: G_MARKS,
  queue_mapping: G_QUEUE,
  protocol: G_BYTES,
  vlan_present: G_VLAN,
  vlan_tci: G_VLAN,
  vlan_proto: G_VLAN,
  priority: G_MARKS,
  ingress_ifindex: G_REST,
  ifindex: G_MARKS,
  tc_index: G_TC_INDEX,
  cb: G_CONTROL,
  hash: G_HASH,
  tc_classid: G_CONTROL,
  data: G_BYTES,
  data_end: G_BYTES,
  napi_id: G_REST,
  data_meta: G_META,
  tstamp: G_TSTAMP,
  wire_len: G_CONTROL,
  gso_segs: G_GSO,
  sk: G_REST,
  gso_size: G_GSO,
  tstamp_type: G_TSTAMP,
  hwtstamp: G_REST,
}

const swap16 = (value: number): number => ((value & 0xff) << 8) | ((value >>> 8) & 0xff)

/** Shows a packet as a `struct __sk_buff`: those groups of fields that are asked for. */
export function fillSkBuff(packets: Packets, context: PacketContext, groups: number): void {
  const { fields, memory } = packets
  const { i32 } = memory
  const i = context.handle << PKT_SHIFT
  const c = context.address >> 2
  if ((groups & G_BYTES) !== 0) {
    const data = fields[i + PKT_DATA]
    i32[c + DATA] = data
    i32[c + DATA_END] = data + fields[i + PKT_LINEAR]
    i32[c + LEN] = fields[i + PKT_LENGTH]
    i32[c + PROTOCOL] = swap16(fields[i + PKT_PROTOCOL])
    if (groups === G_BYTES) return
  }
  if ((groups & G_MARKS) !== 0) {
    i32[c + MARK] = fields[i + PKT_MARK]
    i32[c + PRIORITY] = fields[i + PKT_PRIORITY]
    i32[c + IFINDEX] = context.dev!.ifindex
    i32[c + PKT_TYPE] = fields[i + PKT_STATE] & TYPE_MASK
  }
  if ((groups & RARE) !== 0) fillRare(packets, context, groups)
}

function fillRare(packets: Packets, context: PacketContext, groups: number): void {
  const { fields, memory } = packets
  const { i32 } = memory
  const i = context.handle << PKT_SHIFT
  const c = context.address >> 2
  const state = fields[i + PKT_STATE]
  if ((groups & G_META) !== 0) i32[c + DATA_META] = fields[i + PKT_DATA] - ((state & META_MASK) >>> META_SHIFT)
  if ((groups & G_HASH) !== 0) i32[c + HASH] = fields[i + PKT_HASH]
  if ((groups & G_TSTAMP) !== 0) fillTimestamp(fields, i32, context, i, c)
  if ((groups & G_VLAN) !== 0) {
    const vlan = fields[i + PKT_VLAN]
    i32[c + VLAN_PRESENT] = vlan !== 0 ? 1 : 0
    i32[c + VLAN_TCI] = vlan & 0xffff
    i32[c + VLAN_PROTO] = swap16(vlan >>> 16)
  }
  if ((groups & G_GSO) !== 0) {
    i32[c + GSO_SIZE] = fields[i + PKT_GSO] & 0xffff
    i32[c + GSO_SEGS] = fields[i + PKT_GSO] >>> 16
  }
  if ((groups & G_QUEUE) !== 0) i32[c + QUEUE_MAPPING] = fields[i + PKT_QUEUE] & 0xffff
  if ((groups & G_TC_INDEX) !== 0) i32[c + TC_INDEX] = fields[i + PKT_TC_INDEX]
  if ((groups & G_CONTROL) !== 0 && !context.hasControl) startControl(packets, context)
  if ((groups & G_REST) !== 0) {
    i32[c + INGRESS_IFINDEX] = fields[i + PKT_IIF]
    i32[c + NAPI_ID] = fields[i + PKT_NAPI]
    if (fields[i + PKT_SOCKET] !== 0 || context.sender !== 0) {
      context.sender = context.findSender(fields[i + PKT_SOCKET], context.sender)
    }
    i32[c + SK] = context.sender
    i32[c + SK + 1] = 0
    i32[c + HWTSTAMP_LO] = fields[i + PKT_HWTSTAMP_LO]
    i32[c + HWTSTAMP_HI] = fields[i + PKT_HWTSTAMP_HI]
  }
}

/** At ingress, programs that do not ask for the clock of a timestamp see none that is not of the time of day. */
function fillTimestamp(fields: Int32Array, i32: Int32Array, context: PacketContext, i: number, c: number): void {
  const clock = fields[i + PKT_STATE] & TSTAMP_MASK
  const hidden = clock !== 0 && !context.needs.readsClock && (fields[i + PKT_STATE] & FLAG_AT_INGRESS) !== 0
  i32[c + TSTAMP_LO] = hidden ? 0 : fields[i + PKT_TSTAMP_LO]
  i32[c + TSTAMP_HI] = hidden ? 0 : fields[i + PKT_TSTAMP_HI]
  i32[c + TSTAMP_TYPE] = clock >>> TSTAMP_SHIFT
}

/** What belongs to the run and not to the packet: programs hand `cb` and `tc_classid` on to each other. */
export function startControl(packets: Packets, context: PacketContext): void {
  const { i32 } = packets.memory
  const c = context.address >> 2
  context.hasControl = true
  for (let word = 0; word < CB_WORDS; word++) i32[c + CB + word] = 0
  i32[c + TC_CLASSID] = 0
  i32[c + WIRE_LEN] =
    context.hook === HOOK.tcxIngress
      ? packets.fields[(context.handle << PKT_SHIFT) + PKT_LENGTH] - context.macLength
      : wireLength(packets, context.handle)
}

/** What tcx programs made of the packet's class is all that is left of it once it passes. Source: what Linux 7.3 does. */
export function keepClass({ fields, memory }: Packets, context: PacketContext): void {
  const classId = context.hasControl ? memory.i32[(context.address >> 2) + TC_CLASSID] & 0xffff : 0
  fields[(context.handle << PKT_SHIFT) + PKT_TC_INDEX] = classId
}

/** Begins a run with a control part that is given. */
export function setControl({ memory }: Packets, context: PacketContext, { cb, wireLength: wire }: RunControl): void {
  context.hasControl = true
  memory.u8.set(cb, context.address + 4 * CB)
  memory.i32[(context.address >> 2) + TC_CLASSID] = 0
  memory.i32[(context.address >> 2) + WIRE_LEN] = wire
}

export function getControl({ memory }: Packets, context: PacketContext, control: RunControl): void {
  control.cb.set(memory.u8.subarray(context.address + 4 * CB, context.address + 4 * (CB + CB_WORDS)))
  control.wireLength = memory.i32[(context.address >> 2) + WIRE_LEN]
}

/** Takes over from a `struct __sk_buff` what the program may have written there. */
export function takeSkBuff(packets: Packets, context: PacketContext, groups: number): void {
  const { fields, memory } = packets
  const { i32 } = memory
  const i = context.handle << PKT_SHIFT
  const c = context.address >> 2
  if ((groups & G_MARKS) !== 0) {
    fields[i + PKT_MARK] = i32[c + MARK]
    fields[i + PKT_PRIORITY] = i32[c + PRIORITY]
    if (groups === G_MARKS) return
  }
  if ((groups & G_TC_INDEX) !== 0) fields[i + PKT_TC_INDEX] = i32[c + TC_INDEX] &= 0xffff
  if ((groups & G_CONTROL) !== 0) i32[c + TC_CLASSID] &= 0xffff
  if ((groups & G_QUEUE) !== 0) {
    // 65535 and more are ignored.
    const queue = i32[c + QUEUE_MAPPING]
    if (queue >>> 0 < 0xffff) fields[i + PKT_QUEUE] = queue
  }
  if ((groups & G_TSTAMP) !== 0) takeTimestamp(fields, i32, context, i, c)
}

/** At ingress, who does not ask for the clock makes it the time of day by writing. */
function takeTimestamp(fields: Int32Array, i32: Int32Array, context: PacketContext, i: number, c: number): void {
  const low = i32[c + TSTAMP_LO]
  const high = i32[c + TSTAMP_HI]
  const state = fields[i + PKT_STATE]
  if ((state & TSTAMP_MASK) !== 0 && !context.needs.readsClock && (state & FLAG_AT_INGRESS) !== 0) {
    if ((low | high) === 0) return
    fields[i + PKT_STATE] = state & ~TSTAMP_MASK
  }
  fields[i + PKT_TSTAMP_LO] = low
  fields[i + PKT_TSTAMP_HI] = high
}
