import { errno, NLM_F_MULTI, type Writer } from '@netkit/netlink'
import type { Device } from '../../net/device.ts'
import { type GenlCall, type Handlers, reply } from '../call.ts'
import { DeviceDump } from '../record-dump.ts'
import { headerId, readDeviceHeader, readHeader, writeHeader } from './header.ts'

/** Writes settings behind the header of a reply. */
export type Fill = (w: Writer) => void

/** Reads what a request asks for besides the device, or says with a negative errno what is wrong with it. */
export type Read<Asked> = (flags: number, call: GenlCall) => Asked | number

/** Gets ready what a query about a device shows, or says with a negative errno why it shows nothing. */
export type Prepare<Asked> = (dev: Device, flags: number, call: GenlCall, asked: Asked) => Fill | number

/**
 * A query in both forms. A dump leaves out the devices that do not support it; a device in its header is checked, no more.
 * What is wrong with the request itself is said before a dump begins.
 */
export function queryFor<Asked extends object | undefined>(read: Read<Asked>, prepare: Prepare<Asked>): Handlers {
  return {
    do(call) {
      const header = readDeviceHeader(call)
      if (typeof header === 'number') return header
      const { dev, flags } = header
      const asked = read(flags, call)
      if (typeof asked === 'number') return asked
      const fill = prepare(dev, flags, call, asked)
      if (typeof fill === 'number') return fill
      return reply(call, (w) => {
        writeHeader(w, dev, headerId(call))
        fill(w)
      })
    },
    dump(call) {
      const header = readHeader(call, false)
      if (typeof header === 'number') return header
      const { flags } = header
      const asked = read(flags, call)
      if (typeof asked === 'number') return asked
      const records = (dev: Device) => {
        const fill = prepare(dev, flags, call, asked)
        if (fill === -errno.EOPNOTSUPP) return []
        if (typeof fill === 'number') return fill
        const write = (w: Writer) => {
          writeHeader(w, dev, headerId(call))
          fill(w)
        }
        return [write]
      }
      return call.req.socket.startDump(new DeviceDump(call, undefined, records, { flags: NLM_F_MULTI }))
    },
  }
}

/** A query about nothing but devices. */
export const query = (prepare: Prepare<undefined>): Handlers => queryFor(() => undefined, prepare)
