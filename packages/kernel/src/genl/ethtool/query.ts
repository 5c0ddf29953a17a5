import { errno, NLM_F_MULTI, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { type GenlCall, type Handlers, reply } from '../call.ts'
import { DeviceDump } from '../record-dump.ts'
import { readDeviceHeader, readHeader, writeHeader } from './header.ts'

/** Writes settings behind the header of a reply. */
export type Fill = (w: Writer) => void

/** Gets ready what a query about a device shows, or says with a negative errno why it shows nothing. */
export type Prepare = (dev: Device, flags: number, call: GenlCall) => Fill | number

/** A query in both forms. A dump leaves out the devices that do not support it; a device in its header is checked, no more. */
export function query(prepare: Prepare): Handlers {
  return {
    do(call) {
      const header = readDeviceHeader(call)
      if (typeof header === 'number') return header
      const { dev } = header
      const fill = prepare(dev, header.flags, call)
      if (typeof fill === 'number') return fill
      return reply(call, (w) => {
        writeHeader(w, dev)
        fill(w)
      })
    },
    dump(call) {
      const header = readHeader(call, false)
      if (typeof header === 'number') return header
      const { flags } = header
      const records = (dev: Device) => {
        const fill = prepare(dev, flags, call)
        if (fill === -errno.EOPNOTSUPP) return []
        if (typeof fill === 'number') return fill
        const write = (w: Writer) => {
          writeHeader(w, dev)
          fill(w)
        }
        return [write]
      }
      return call.req.socket.startDump(new DeviceDump(call, undefined, records, { flags: NLM_F_MULTI }))
    },
  }
}
