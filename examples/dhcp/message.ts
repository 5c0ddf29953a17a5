/** Messages of DHCP: a header of BOOTP, a magic number, options. Source: RFC 2131 §2, RFC 2132. */
export interface DhcpMessage {
  /** 1: of a client, 2: of a server. */
  readonly op: number
  readonly xid: number
  readonly hops?: number
  /** 0x8000: the client wants answers by broadcast. */
  readonly flags?: number
  /** The address that is offered; the relay that a request came by. Dotted. */
  readonly yiaddr?: string
  readonly giaddr?: string
  /** Hardware address of the client, 6 bytes. */
  readonly chaddr: Uint8Array
  /** By code; without the end mark. */
  readonly options: ReadonlyMap<number, Uint8Array>
}

export const OPTION = { subnetMask: 1, router: 3, requestedAddress: 50, leaseTime: 51, type: 53, server: 54 } as const
export const TYPE = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7 } as const

const HEADER = 236
const COOKIE = 0x6382_5363
/** What relays and servers of old count on. */
const LEAST = 300
const AT = { op: 0, hops: 3, xid: 4, flags: 10, yiaddr: 16, giaddr: 24, chaddr: 28, options: 240 } as const
const PAD = 0
const END = 255

/** The type of a message, TYPE. */
export const typeOf = ({ options }: DhcpMessage): number | undefined => options.get(OPTION.type)?.[0]

export const toBytes = (address: string): Uint8Array => Uint8Array.from(address.split('.'), Number)
export const toText = (bytes: Uint8Array): string => bytes.join('.')

export function encodeDhcp(message: DhcpMessage): Uint8Array {
  const options = [...message.options].flatMap(([code, value]) => [code, value.length, ...value])
  const bytes = new Uint8Array(Math.max(LEAST, AT.options + options.length + 1))
  const view = new DataView(bytes.buffer)
  bytes.set([message.op, 1, 6, message.hops ?? 0])
  view.setUint32(AT.xid, message.xid)
  view.setUint16(AT.flags, message.flags ?? 0)
  if (message.yiaddr) bytes.set(toBytes(message.yiaddr), AT.yiaddr)
  if (message.giaddr) bytes.set(toBytes(message.giaddr), AT.giaddr)
  bytes.set(message.chaddr, AT.chaddr)
  view.setUint32(HEADER, COOKIE)
  bytes.set([...options, END], AT.options)
  return bytes
}

/** Undefined for bytes that are none. */
export function decodeDhcp(bytes: Uint8Array): DhcpMessage | undefined {
  if (bytes.length < AT.options) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(HEADER) !== COOKIE) return undefined
  const options = new Map<number, Uint8Array>()
  for (let at: number = AT.options; at < bytes.length && bytes[at] !== END; ) {
    if (bytes[at] === PAD) {
      at++
      continue
    }
    const length = bytes[at + 1] ?? 0
    options.set(bytes[at], bytes.slice(at + 2, at + 2 + length))
    at += 2 + length
  }
  const address = (at: number): string => toText(bytes.subarray(at, at + 4))
  return {
    op: bytes[AT.op],
    hops: bytes[AT.hops],
    xid: view.getUint32(AT.xid),
    flags: view.getUint16(AT.flags),
    yiaddr: address(AT.yiaddr),
    giaddr: address(AT.giaddr),
    chaddr: bytes.slice(AT.chaddr, AT.chaddr + 6),
    options,
  }
}
