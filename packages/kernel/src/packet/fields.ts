/** Layout of a packet descriptor: 32 words of 4 bytes in packet memory, two cache lines. The first line is what every hop
 *  reads; of the second only `serial`, `reason` and `transport` are set when a packet is allocated, the rest is room for what
 *  programs and offloads need.
 *
 *  Word `PKT_x` of packet `h` is `fields[(h << PKT_SHIFT) + PKT_x]`. */
export const PKT_SHIFT = 5
export const PKT_WORDS = 1 << PKT_SHIFT
export const PKT_BYTES = PKT_WORDS * 4

/** Frame buffer that holds the linear part, or one of the two values below. */
export const PKT_BUFFER = 0
/** Offset of the first byte of the linear part in packet memory. */
export const PKT_DATA = 1
/** All bytes, fragments included. */
export const PKT_LENGTH = 2
/** Bytes of the linear part. */
export const PKT_LINEAR = 3
/** The kernel's number of the device that the packet is at; 0 none. */
export const PKT_DEVICE = 4
/** Receive queue + 1 while a queue is recorded, else 0; the same 16-bit value that programs see as queue_mapping. */
export const PKT_QUEUE = 5
/** Timestamp, nanoseconds, low and high word; 0 none. 8-byte aligned. What clock: TSTAMP bits of the state. */
export const PKT_TSTAMP_LO = 6
export const PKT_TSTAMP_HI = 7
export const PKT_MARK = 8
export const PKT_PRIORITY = 9
/** Ethertype in host order, 0 unknown. */
export const PKT_PROTOCOL = 10
/** Flow hash, 0 none. */
export const PKT_HASH = 11
/** Offset of the link-layer header in packet memory; MAC_UNSET before there is one. */
export const PKT_MAC = 12
/** Offset of the network header in packet memory; 0 before it is known. */
export const PKT_NETWORK = 13
/** Packet type, checksum state, clock of the timestamp and flags: the bits below. */
export const PKT_STATE = 14
/** First fragment, 0 none. Source: FragmentTable. */
export const PKT_FRAGMENTS = 15

/** Number of the allocation, wraps after 2^32: the same packet at several devices keeps it, so captures can be joined by it. */
export const PKT_SERIAL = 16
/** Offset of the transport header in packet memory; 0 before it is known. */
export const PKT_TRANSPORT = 17
/** Why it was dropped, while it is being dropped; 0 else. Source: drop-reason.ts. */
export const PKT_REASON = 18

/** PKT_BUFFER of a descriptor that is not allocated. */
export const BUFFER_FREE = -2
/** PKT_BUFFER of a packet without a linear part. */
export const BUFFER_NONE = -1
/** PKT_MAC while unset. Larger than any offset, so that "mac ≥ network" holds for a packet that never had a link header. */
export const MAC_UNSET = 0x7fffffff

/** State bits 0–2: to whom the frame was addressed. Values as in __sk_buff.pkt_type. */
export const TYPE_MASK = 0x7
export const TYPE_HOST = 0
export const TYPE_BROADCAST = 1
export const TYPE_MULTICAST = 2
export const TYPE_OTHERHOST = 3
/** @public */
export const TYPE_OUTGOING = 4

/** State bits 3–4: what is known about the transport checksum. @public */
export const CSUM_MASK = 0x18
/** Nothing; software must verify. @public */
export const CSUM_NONE = 0
/** Verified by the device. */
export const CSUM_UNNECESSARY = 0x08
/** The device gave the sum over the whole packet. @public */
export const CSUM_COMPLETE = 0x10
/** The field holds the pseudo-header sum only, to be completed on the way out. @public */
export const CSUM_PARTIAL = 0x18

/** State bits 5–6: clock of the timestamp. Values as in __sk_buff.tstamp_type, shifted. */
export const TSTAMP_MASK = 0x60
/** @public */
export const TSTAMP_SHIFT = 5
export const TSTAMP_REALTIME = 0
/** @public */
export const TSTAMP_MONOTONIC = 0x20
/** @public */
export const TSTAMP_TAI = 0x40

/** The hash covers ports too. */
export const FLAG_HASH_L4 = 1 << 7
/** Fragments are not host memory: nothing beyond the linear part may be read. */
export const FLAG_UNREADABLE = 1 << 8
export const FLAG_SKIP_EGRESS = 1 << 9
export const FLAG_IGNORE_DF = 1 << 10
export const FLAG_OFFLOAD_FORWARDED = 1 << 11
