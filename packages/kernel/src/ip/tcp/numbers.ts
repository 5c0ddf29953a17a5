/** Bits of the header's flags. Source: RFC 9293 §3.1, RFC 3168. */
export const FIN = 1
export const SYN = 2
export const RST = 4
export const PSH = 8
export const ACK = 16

export const TCP_HEADER = 20

/** States, numbered as TCP_INFO has them. Source: RFC 9293 §3.3.2. */
export const ESTABLISHED = 1
export const SYN_SENT = 2
export const SYN_RECEIVED = 3
export const FIN_WAIT_1 = 4
export const FIN_WAIT_2 = 5
export const TIME_WAIT = 6
export const CLOSED = 7
export const CLOSE_WAIT = 8
export const LAST_ACK = 9
export const LISTEN = 10
export const CLOSING = 11
/** A set of states: `IN(LISTEN) | IN(CLOSED)`. */
export const IN = (state: number): number => 1 << state

/** States in which data may be sent, and in which it may come. */
export const MAY_SEND = IN(ESTABLISHED) | IN(CLOSE_WAIT)
export const MAY_RECEIVE = IN(ESTABLISHED) | IN(FIN_WAIT_1) | IN(FIN_WAIT_2)
/** States in which both sides have agreed on sequence numbers. */
export const SYNCHRONIZED = MAY_SEND | MAY_RECEIVE | IN(CLOSING) | IN(LAST_ACK) | IN(TIME_WAIT)

/** Kinds of options. Source: RFC 9293 §3.2, RFC 7323, RFC 2018. */
export const OPTION_END = 0
export const OPTION_NOP = 1
export const OPTION_MSS = 2
export const OPTION_SCALE = 3
export const OPTION_SACK_PERMITTED = 4
export const OPTION_SACK = 5
export const OPTION_TIMESTAMPS = 8

/** Largest shift of a window. Source: RFC 7323 §2.3. */
export const MAX_SCALE = 14
/** Segment size where the other side says none: IPv4, IPv6. Source: RFC 9293 §3.7.1. */
export const DEFAULT_MSS4 = 536
export const DEFAULT_MSS6 = 1220
/** What is never gone below, whatever is asked for. */
export const LEAST_MSS = 48
export const TIMESTAMP_BYTES = 12
/** Segments until one that came beyond a gap counts as sign of loss. Source: RFC 5681. */
export const DUPLICATE_THRESHOLD = 3
