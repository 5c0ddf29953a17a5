import { AF_INET, AF_INET6, KernelError, refused } from '@netkit/netlink'
import { be16, be32, put16, put32, readV6, setV4, writeV6 } from '../ip/core/address.ts'

const SOCKADDR_IN = 16
const SOCKADDR_IN6 = 28

/** An address as sockets take it: words, port, and the device of a link-local one. */
export interface Name {
  readonly words: Int32Array
  readonly port: number
  readonly scope: number
}

/** A refusal from a negative errno. */
export const failed = (op: string, result: number): KernelError => new KernelError({ op, errno: -result })

/** Reads a `struct sockaddr_in` or `sockaddr_in6`. EINVAL, EAFNOSUPPORT. */
export function readName(op: string, socket: { readonly v6: boolean }, bytes: Uint8Array): Name {
  const family = bytes.length < 2 ? -1 : bytes[0] | (bytes[1] << 8)
  const need = socket.v6 && family !== AF_INET ? SOCKADDR_IN6 - 4 : SOCKADDR_IN
  if (bytes.length < need) throw refused(op, 'EINVAL', 'the address is too short')
  if (family !== AF_INET && family !== AF_INET6) throw refused(op, 'EAFNOSUPPORT')
  if (family === AF_INET6 && !socket.v6) throw refused(op, 'EAFNOSUPPORT')
  const words = new Int32Array(4)
  if (family === AF_INET) setV4(words, 0, be32(bytes, 4))
  else readV6(words, 0, bytes, 8)
  const scope = family === AF_INET6 && bytes.length >= SOCKADDR_IN6 ? bytes[24] | (bytes[25] << 8) : 0
  return { words, port: be16(bytes, 2), scope }
}

/** The opposite. */
export function writeName(v6: boolean, words: Int32Array, at: number, port: number, scope = 0): Uint8Array {
  const bytes = new Uint8Array(v6 ? SOCKADDR_IN6 : SOCKADDR_IN)
  bytes[0] = v6 ? AF_INET6 : AF_INET
  put16(bytes, 2, port)
  if (!v6) put32(bytes, 4, words[at + 3])
  else {
    writeV6(bytes, 8, words, at)
    bytes[24] = scope
    bytes[25] = scope >>> 8
  }
  return bytes
}
