/**
 * A ring buffer as the kernel maps it for users: a page with the consumer's position, one with the producer's, the data. Positions
 * count bytes and never go back. Each record has a header of 8 bytes, in front of which BUSY or DISCARD stands with its length.
 * Source: spec 02 §6.8.
 */
export const RING = {
  CONSUMER: 0,
  PRODUCER: 4096,
  /** Size of the data, where the rest of the producer's page is free. */
  SIZE: 4096 + 64,
  DATA: 8192,
  BUSY: 0x8000_0000,
  DISCARD: 0x4000_0000,
  HEADER: 8,
} as const
