import { errno, NETDEV_NAPI, type Writer } from '@netkit/netlink'
import type { Napi } from '../../net/napi.ts'
import { type GenlCall, reply, requireAttrs } from '../call.ts'
import { DeviceDump, FailedDump, type WriteRecord } from '../record-dump.ts'

const N = NETDEV_NAPI.ids

/** Source: spec 01 §4.5. */
function writeNapi(w: Writer, napi: Napi): void {
  w.attrU32(N.id, napi.id)
  w.attrU32(N.ifindex, napi.device.ifindex)
  if (napi.irq !== undefined) w.attrU32(N.irq, napi.irq)
  w.attrUint(N.threaded, napi.threaded)
  if (napi.pid !== undefined) w.attrU32(N.pid, napi.pid)
  w.attrU32(N.deferHardIrqs, napi.deferHardIrqs)
  writeNanoseconds(w, N.irqSuspendTimeout, napi.irqSuspendTimeout)
  writeNanoseconds(w, N.groFlushTimeout, napi.groFlushTimeout)
}

function writeNanoseconds(w: Writer, id: number, ns: bigint): void {
  if (ns <= 0xffff_ffffn) w.attrU32(id, Number(ns))
  else w.attrU64(id, ns)
}

/** The instance that a request means, of a device of its namespace; or a negative errno. */
function wantedNapi({ req, attrs, kernel }: GenlCall): Napi | number {
  const error = requireAttrs(req, attrs, [N.id])
  if (error !== 0) return error
  const napi = kernel.napis.get(req.u32(attrs[N.id]))
  return napi && napi.device.ns === req.ns ? napi : req.refuse(errno.ENOENT, undefined, attrs[N.id])
}

export function getNapi(call: GenlCall): number {
  const napi = wantedNapi(call)
  return typeof napi === 'number' ? napi : reply(call, (w) => writeNapi(w, napi))
}

export function dumpNapis(call: GenlCall): number {
  const { req, attrs } = call
  const only = attrs[N.ifindex] === 0 ? undefined : req.u32(attrs[N.ifindex])
  if (only !== undefined && !req.ns.devices.has(only)) return req.socket.startDump(new FailedDump(req, -errno.ENODEV))
  return req.socket.startDump(
    new DeviceDump(call, only, (dev) => {
      // The newest first, as Linux lists them.
      const napis = dev.up ? (dev.napis ?? []).toReversed() : []
      return napis.map(
        (napi): WriteRecord =>
          (w) =>
            writeNapi(w, napi),
      )
    }),
  )
}

export function setNapi(call: GenlCall): number {
  const { req, attrs, kernel } = call
  const napi = wantedNapi(call)
  if (typeof napi === 'number') return napi
  const u64 = (attr: number): bigint =>
    req.attrLength(attr) === 8 ? req.view.getBigUint64(attr + 4, true) : BigInt(req.u32(attr))
  if (attrs[N.threaded] !== 0) kernel.napis.setThreaded(napi, req.u32(attrs[N.threaded]))
  if (attrs[N.deferHardIrqs] !== 0) napi.deferHardIrqs = req.u32(attrs[N.deferHardIrqs])
  if (attrs[N.irqSuspendTimeout] !== 0) napi.irqSuspendTimeout = u64(attrs[N.irqSuspendTimeout])
  if (attrs[N.groFlushTimeout] !== 0) napi.groFlushTimeout = u64(attrs[N.groFlushTimeout])
  kernel.changes++
  return 0
}
