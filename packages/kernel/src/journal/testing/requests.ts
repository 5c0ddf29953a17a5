import {
  type AttrsOf,
  CHANNELS,
  ETHTOOL,
  encodeAttrs,
  FEATURES,
  LINK,
  NETDEV,
  NETDEV_QUEUE,
  NLM_F_ACK,
  NLM_F_DUMP,
  NLM_F_REQUEST,
  RINGS,
  RSS,
  RTM_GETLINK,
  RTM_GETNSID,
  RTM_NEWNSID,
  Writer,
} from '@netkit/netlink'
import type { Kernel } from '../../kernel.ts'

const w = new Writer(1024)

function message(type: number, flags: number, write: (w: Writer) => void): Uint8Array {
  w.reset()
    .u32(0)
    .u16(type)
    .u16(flags | NLM_F_REQUEST)
    .u32(1)
    .u32(0)
  write(w)
  w.view.setUint32(0, w.length, true)
  return w.take()
}

export type Link = AttrsOf<typeof LINK>

/** A request about links. */
export const linkRequest = (type: number, flags: number, attrs: Link, ifiFlags = 0, change = 0): Uint8Array =>
  message(type, flags, (out) => {
    out.u32(0).u32(0).u32(ifiFlags).u32(change)
    encodeAttrs(LINK, attrs, out)
  })

/** Asks for an id for the namespace that is open under a descriptor. */
export const nsidRequest = (nsid: number, fd: number): Uint8Array =>
  message(RTM_NEWNSID, NLM_F_ACK, (out) => out.u32(0).attrU32(1, nsid).attrU32(3, fd))

const generic = (
  kernel: Kernel,
  family: string,
  command: number,
  flags: number,
  write: (w: Writer) => void,
): Uint8Array =>
  message(kernel.genl.byName(family).id, flags, (out) => {
    out.u8(command).u8(1).u16(0)
    write(out)
  })

/** A request of a generic family; its id is that of the kernel that it is made for. */
export type GenericRequest = (kernel: Kernel) => Uint8Array

export const netdevQueueCreate =
  (attrs: AttrsOf<typeof NETDEV_QUEUE>): GenericRequest =>
  (kernel) =>
    generic(kernel, 'netdev', NETDEV.commands.queueCreate.id, NLM_F_ACK, (out) => encodeAttrs(NETDEV_QUEUE, attrs, out))

const ethtool =
  (command: keyof typeof ETHTOOL.commands, write: (w: Writer) => void): GenericRequest =>
  (kernel) =>
    generic(kernel, 'ethtool', ETHTOOL.commands[command].id, NLM_F_ACK, write)

const header = (devName: string) => ({ header: { devName } })

export const setChannels = (device: string, combinedCount: number): GenericRequest =>
  ethtool('channelsSet', (out) => encodeAttrs(CHANNELS, { ...header(device), combinedCount }, out))

export const setRings = (
  device: string,
  attrs: Pick<AttrsOf<typeof RINGS>, 'tcpDataSplit' | 'hdsThresh'>,
): GenericRequest => ethtool('ringsSet', (out) => encodeAttrs(RINGS, { ...header(device), ...attrs }, out))

export const setRss = (device: string, attrs: Pick<AttrsOf<typeof RSS>, 'indir' | 'hkey'>): GenericRequest =>
  ethtool('rssSet', (out) => encodeAttrs(RSS, { ...header(device), ...attrs }, out))

export const setFeature = (device: string, name: string, value: boolean): GenericRequest =>
  ethtool('featuresSet', (out) =>
    encodeAttrs(FEATURES, { ...header(device), wanted: { bits: { bit: [{ name, value: value || undefined }] } } }, out),
  )

/** Queries whose answers together tell all there is to know of a namespace. */
export const dumps: readonly GenericRequest[] = [
  ...(['devGet', 'queueGet', 'napiGet', 'pagePoolGet', 'qstatsGet'] as const).map(
    (command): GenericRequest =>
      (kernel) =>
        generic(kernel, 'netdev', NETDEV.commands[command].id, NLM_F_DUMP, () => undefined),
  ),
  ...(['featuresGet', 'ringsGet', 'channelsGet', 'rssGet'] as const).map(
    (command): GenericRequest =>
      (kernel) =>
        generic(kernel, 'ethtool', ETHTOOL.commands[command].id, NLM_F_DUMP, (out) => out.end(out.beginNest(1))),
  ),
]

export const routeDumps: readonly Uint8Array[] = [
  linkRequest(RTM_GETLINK, NLM_F_DUMP, {}),
  message(RTM_GETNSID, NLM_F_DUMP, (out) => out.u32(0)),
]

/** ETHTOOL_SRXCLSRLINS of a rule about a TCP port, or ETHTOOL_SRXCLSRLDEL. Source: uapi struct ethtool_rxnfc. */
export function steeringRule(insert: boolean, location: number, queue: number, port: number): Uint8Array {
  const [SPEC, UNION, MASK, PORT_DST] = [16, 20, 72, 10]
  const bytes = new Uint8Array(192)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, insert ? 0x32 : 0x31, true)
  view.setUint32(SPEC, 1, true) // TCP_V4_FLOW
  view.setUint16(UNION + PORT_DST, port)
  view.setUint16(UNION + MASK + PORT_DST, 0xffff)
  view.setBigUint64(SPEC + 152, BigInt(queue), true)
  view.setUint32(SPEC + 160, location, true)
  return bytes
}
