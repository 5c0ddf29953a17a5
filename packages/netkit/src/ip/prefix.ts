import { ipBytes, ipText } from '@netkit/netlink'
import { InputError, shown } from '../input/input-error.ts'

const AF_INET = 2
const AF_INET6 = 10

/** IPv4 and IPv6, as iproute2 calls them. */
export type IpFamily = 'inet' | 'inet6'

export const familyNumber = (family: IpFamily): number => (family === 'inet' ? AF_INET : AF_INET6)
export const familyName = (family: number): IpFamily => (family === AF_INET ? 'inet' : 'inet6')

/** An address with the length of its network. */
export interface Prefix {
  readonly family: IpFamily
  readonly bytes: Uint8Array
  readonly length: number
}

const SHORT = /^\d{1,3}(\.\d{1,3}){0,2}$/

/**
 * `10.0.0.1/24`, `2001:db8::/32`; without a length all of the address. `10/8` and `10.0/16` stand for networks as in
 * iproute2. Undefined where it is none.
 */
export function parsePrefix(text: string): Prefix | undefined {
  const [address, rest, more] = text.split('/')
  if (more !== undefined) return undefined
  const full = rest !== undefined && SHORT.test(address) ? pad(address) : address
  const bytes = ipBytes(full)
  if (!bytes) return undefined
  const most = 8 * bytes.length
  const length = rest === undefined ? most : /^\d{1,3}$/.test(rest) ? Number(rest) : -1
  if (length < 0 || length > most) return undefined
  return { family: most === 32 ? 'inet' : 'inet6', bytes, length }
}

const pad = (address: string): string => [...address.split('.'), '0', '0', '0'].slice(0, 4).join('.')

/** The prefix in an option. Throws InputError. */
export function prefixOf(op: string, option: string, text: unknown): Prefix {
  const prefix = typeof text === 'string' ? parsePrefix(text) : undefined
  if (prefix) return prefix
  throw new InputError(op, option, `must be an address with a length like 10.0.0.1/24, not ${shown(text)}`)
}

/** An address without a length in an option. Throws InputError. */
export function addressOf(op: string, option: string, text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? ipBytes(text) : undefined
  if (bytes) return bytes
  throw new InputError(op, option, `must be an IP address, not ${shown(text)}`)
}

/** The first address of a prefix' network: what routes go to. */
export function networkText({ bytes, length }: Prefix): string {
  return ipText(bytes.map((byte, i) => byte & (0xff00 >> Math.min(8, Math.max(0, length - 8 * i)))))
}

/** The last address of an IPv4 network. */
export const broadcastText = ({ bytes, length }: Prefix): string =>
  ipText(bytes.map((byte, i) => byte | (0xff >> Math.min(8, Math.max(0, length - 8 * i)))))
