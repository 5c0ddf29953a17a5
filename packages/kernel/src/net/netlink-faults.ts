/** What is to go wrong at the edge of netlink. Nothing of it is asked for in the ordinary course of things. */
export class NetlinkFaults {
  /** So many dumps, from the next one on, say that they were interrupted. */
  dumps = 0
  /** So many notifications do not fit into the receive buffers of those who listen. */
  overruns = 0
  /** Those who listen are given nothing before this moment; negative: they are. */
  stalledUntil = -1n

  /** Whether a dump that begins now is to be interrupted. */
  takeDump(): boolean {
    if (this.dumps === 0) return false
    this.dumps--
    return true
  }

  clear(): void {
    this.dumps = 0
    this.overruns = 0
    this.stalledUntil = -1n
  }
}
