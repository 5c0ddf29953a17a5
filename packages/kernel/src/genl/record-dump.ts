import { errno, type Writer } from '@netkit/netlink'
import type { Device } from '../net/device.ts'
import type { Dump } from '../net/dump.ts'
import type { NetNamespace } from '../net/namespace.ts'
import type { Request } from '../net/request.ts'
import { beginReply, endReply, type GenlCall } from './call.ts'

/** Writes the attributes of one record. */
export type WriteRecord = (w: Writer) => void

export interface RecordDumpOptions {
  /** Flags of each record. Default 0. */
  readonly flags?: number
  /** What it ends with: 0 or a negative errno. Default 0. */
  readonly end?: number
}

/** Linux begins a dump before it knows how much its reader takes at once; a record that does not fit then ends it. Bytes. */
const FIRST_DATAGRAM = 3776

/**
 * A dump of records that belong to devices: of one, or of all of a namespace, ascending by ifindex. `records` is asked for
 * the records of a device when its turn comes, and may answer with a negative errno, which ends the dump.
 */
export class DeviceDump implements Dump {
  readonly doneApart = false
  readonly #call: GenlCall
  readonly #ns: NetNamespace
  readonly #only: number | undefined
  readonly #records: (dev: Device) => readonly WriteRecord[] | number
  readonly #options: RecordDumpOptions
  /** Ifindex from which to go on, and how many records of that device are out already. */
  #ifindex: number
  #written = 0

  constructor(
    call: GenlCall,
    only: number | undefined,
    records: (dev: Device) => readonly WriteRecord[] | number,
    options: RecordDumpOptions = {},
  ) {
    this.#call = call
    this.#ns = call.req.ns
    this.#only = only
    this.#ifindex = only ?? 0
    this.#records = records
    this.#options = options
  }

  get request(): Request {
    return this.#call.req
  }

  fill(w: Writer, limit: number, datagram: number): number {
    const list = this.#ns.sorted()
    for (let i = this.#ns.from(this.#ifindex); i < list.length; i++) {
      const dev = list[i]
      if (this.#only !== undefined && dev.ifindex !== this.#only) break
      if (dev.ifindex !== this.#ifindex) {
        this.#ifindex = dev.ifindex
        this.#written = 0
      }
      const records = this.#records(dev)
      if (typeof records === 'number') return records
      for (; this.#written < records.length; this.#written++) {
        if (w.length >= limit) return 1
        const mark = beginReply(w, this.#call, this.#options.flags ?? 0)
        records[this.#written](w)
        endReply(w, mark, this.#call)
        if (datagram === 0 && mark === 0 && w.length > FIRST_DATAGRAM) {
          w.reset()
          return -errno.EMSGSIZE
        }
      }
    }
    this.#ifindex = 0x1_0000_0000
    return this.#options.end ?? 0
  }
}

/** A dump that has nothing to show but an error. */
export class FailedDump implements Dump {
  readonly doneApart = false
  readonly request: Request
  readonly #error: number

  constructor(request: Request, error: number) {
    this.request = request
    this.#error = error
  }

  fill(): number {
    return this.#error
  }
}
