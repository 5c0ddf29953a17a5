import { errno, STRING_SETS, TUNNEL_INFO, UDP_PORT_TABLE, UDP_PORTS, type Writer } from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import { type GenlCall, type Handlers, reply } from '../call.ts'
import { DeviceDump } from '../record-dump.ts'
import { writeBitset } from './bitset.ts'
import { readHeader, wantsCompact, writeHeader } from './header.ts'
import { sharedStrings } from './strings.ts'

function writeTunnelInfo(w: Writer, dev: Device, { release }: Core, compact: boolean): void {
  const all = sharedStrings[release.name].get(STRING_SETS['udp-tunnel-types']) ?? []
  const bitsOf = (names: readonly string[]): bigint =>
    names.reduce((bits, name) => bits | (1n << BigInt(all.indexOf(name))), 0n)
  writeHeader(w, dev)
  const ports = w.beginNest(TUNNEL_INFO.ids.udpPorts)
  for (const { size, types } of dev.driver.ethtool?.tunnelPorts ?? []) {
    const table = w.beginNest(UDP_PORTS.ids.table)
    w.attrU32(UDP_PORT_TABLE.ids.size, size)
    writeBitset(w, UDP_PORT_TABLE.ids.types, bitsOf(types), undefined, all, compact)
    w.end(table)
  }
  w.end(ports)
}

/** Ports of tunnels that a device knows. Nobody ever tells it one here. */
function get(call: GenlCall): number {
  const { req, attrs } = call
  if (attrs[TUNNEL_INFO.ids.header] === 0) return req.refuse(errno.EINVAL, 'request header missing')
  const header = readHeader(call, true)
  if (typeof header === 'number') return header
  const { dev, flags } = header
  if (!dev?.driver.ethtool?.tunnelPorts)
    return req.refuse(errno.EOPNOTSUPP, 'device does not report tunnel offload info')
  return reply(call, (w) => writeTunnelInfo(w, dev, call.kernel, wantsCompact(flags)))
}

/** A dump ends with what the last device says: that there is nothing to tell, or that all is well. */
function dump(call: GenlCall): number {
  const header = readHeader(call, false)
  if (typeof header === 'number') return header
  const compact = wantsCompact(header.flags)
  const last = call.req.ns.sorted().at(-1)
  const records = (dev: Device) =>
    dev.driver.ethtool?.tunnelPorts ? [(w: Writer) => writeTunnelInfo(w, dev, call.kernel, compact)] : []
  const end = last?.driver.ethtool?.tunnelPorts ? 0 : -errno.EOPNOTSUPP
  return call.req.socket.startDump(new DeviceDump(call, undefined, records, { end }))
}

export const getTunnelInfo: Handlers = { do: get, dump }
