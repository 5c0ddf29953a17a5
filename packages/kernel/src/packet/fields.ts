/** Layout of a packet descriptor: 32 words of 4 bytes in packet memory, two cache lines. The first line is what every hop
 *  reads, the second one is about offloads and what few ask for. All words are set when a packet is allocated.
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

/** Hardware-accelerated VLAN tag: its protocol in the high half, TCI in the low one, host order; 0 none. */
export const PKT_VLAN = 19
/** Segmentation: payload bytes of a segment in the low half, number of segments in the high one; 0 none. */
export const PKT_GSO = 20
/** How it is to be segmented: GSO_* bits. */
export const PKT_GSO_TYPE = 21
/** CSUM_COMPLETE: the 32-bit sum of the packet from its network header on. CSUM_PARTIAL: offset in packet memory from which on it is to
 *  be summed. */
export const PKT_CSUM = 22
/** CSUM_PARTIAL: where the checksum's field is, counted from PKT_CSUM. */
export const PKT_CSUM_FIELD = 23
/** Ifindex of the device that received it; 0 if none did. */
export const PKT_IIF = 24
/** 16 bits that only programs and classifiers use. */
export const PKT_TC_INDEX = 25
/** NAPI instance that received it, 0 none. */
export const PKT_NAPI = 26
/** Number of the socket that sent it, 0 none. */
export const PKT_SOCKET = 27
/** Number of the route or tunnel key that it has, 0 none. */
export const PKT_DST = 28
/** Offset in packet memory of the network header inside a tunnel's; 0 none. */
export const PKT_INNER_NETWORK = 29
/** Timestamp of the hardware, ns, low and high word; 0 none. */
export const PKT_HWTSTAMP_LO = 30
export const PKT_HWTSTAMP_HI = 31

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
/** It has inner headers: some tunnel's header was put before them. */
export const FLAG_ENCAPSULATED = 1 << 12
/** It is between a device and the stack: programs there see it with its link-layer header pushed back. */
export const FLAG_AT_INGRESS = 1 << 13
/** A program sent it elsewhere. */
export const FLAG_REDIRECTED = 1 << 14
/** A program set the hash. */
export const FLAG_HASH_SW = 1 << 15

/** State bits 16–23: bytes of metadata right before the link-layer header. */
export const META_SHIFT = 16
export const META_MASK = 0xff << 16
/** State bits 24–25: CSUM_UNNECESSARY: checksums that were verified, less one. */
export const CSUM_LEVEL_SHIFT = 24
export const CSUM_LEVEL_MASK = 0x3 << 24
/** State bit 26: bits of it were changed on a wire; whoever receives it must not say that its checksums hold. */
export const FLAG_DAMAGED = 1 << 26

/** Bits of PKT_GSO_TYPE. Values as in Linux, though programs never see them. */
export const GSO_TCPV4 = 1 << 0
export const GSO_DODGY = 1 << 1
export const GSO_TCPV6 = 1 << 4
export const GSO_GRE = 1 << 6
export const GSO_IPXIP4 = 1 << 8
export const GSO_IPXIP6 = 1 << 9
export const GSO_UDP_TUNNEL = 1 << 10
export const GSO_UDP_L4 = 1 << 17
