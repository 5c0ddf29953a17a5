/** Times and bounds of neighbour resolution, as a fresh namespace of Linux has them (net.ipv4.neigh.default.*). */
export const NEIGH = {
  /** Mean time for which a confirmation counts, ms; each device draws its own between half and one and a half of it. */
  baseReachable: 30_000,
  /** Between two solicitations, ms. */
  retrans: 1000,
  /** In DELAY before probing, ms. */
  delayProbe: 5000,
  /** Solicitations to the known address, then to everybody. */
  unicastProbes: 3,
  multicastProbes: 3,
  /** An address that was replaced is kept for so long, ms, unless the new one comes with authority. */
  lockTime: 1000,
  /** Bytes of packets that wait for one neighbour. */
  queueBytes: 212_992,
  /** Unused for so long, ms, an entry may be collected. */
  staleTime: 60_000,
  /** Between two collections, ms. */
  collectEvery: 30_000,
  /** Entries: below the first none is collected, above the second old ones at once, beyond the third none is made. */
  threshold1: 128,
  threshold2: 512,
  threshold3: 1024,
} as const
