/** What a device counts, as numbers (exact up to 2^53). The driver's own and the core's, summed up where they are reported. */
export interface DeviceCounters {
  rxPackets: number
  txPackets: number
  rxBytes: number
  txBytes: number
  rxErrors: number
  txErrors: number
  rxDropped: number
  txDropped: number
  multicast: number
  rxMissed: number
  rxNohandler: number
  rxOtherhostDropped: number
}

export const makeCounters = (): DeviceCounters => ({
  rxPackets: 0,
  txPackets: 0,
  rxBytes: 0,
  txBytes: 0,
  rxErrors: 0,
  txErrors: 0,
  rxDropped: 0,
  txDropped: 0,
  multicast: 0,
  rxMissed: 0,
  rxNohandler: 0,
  rxOtherhostDropped: 0,
})
