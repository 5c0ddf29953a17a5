/** Something that packets are fetched from while there is time: a NIC's receive side. */
export interface Poller {
  /** It is on the list of those to be polled. */
  scheduled: boolean
  /** Fetches up to `budget` packets. True: there may be more. */
  poll(budget: number): boolean
}
