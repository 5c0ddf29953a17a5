/** What a page pool counts, in the order in which it is reported. */
export interface PagePoolStats {
  allocFast: number
  allocSlow: number
  allocSlowHighOrder: number
  allocEmpty: number
  allocRefill: number
  allocWaive: number
  recycleCached: number
  recycleCacheFull: number
  recycleRing: number
  recycleRingFull: number
  recycleReleasedRefcnt: number
}

export const makePagePoolStats = (): PagePoolStats => ({
  allocFast: 0,
  allocSlow: 0,
  allocSlowHighOrder: 0,
  allocEmpty: 0,
  allocRefill: 0,
  allocWaive: 0,
  recycleCached: 0,
  recycleCacheFull: 0,
  recycleRing: 0,
  recycleRingFull: 0,
  recycleReleasedRefcnt: 0,
})
