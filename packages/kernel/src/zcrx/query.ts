import {
  errno,
  IO_URING_QUERY_HDR,
  IO_URING_QUERY_ZCRX,
  IO_URING_QUERY_ZCRX_EVENT,
  IORING_ZCRX_AREA_DMABUF,
  ZCRX_CTRL_ADD_AREA,
  ZCRX_RQ,
  ZCRX_STATS,
} from '@netkit/netlink'
import { isZero, setU32, type UserStructs, u32, u64 } from './user-structs.ts'

const Q = IO_URING_QUERY_HDR
/** A list may be so long; Linux gives up at some length, too. */
const MOST_QUERIES = 1000

/** What is told, as words of 32 bits. Source: spec 03 §3.2. */
const ANSWERS: ReadonlyMap<number, readonly number[]> = new Map([
  [
    IO_URING_QUERY_ZCRX,
    [3, 0, IORING_ZCRX_AREA_DMABUF, 0, ZCRX_CTRL_ADD_AREA + 1, 3, ZCRX_RQ.rqes, ZCRX_RQ.tail, 0, 0],
  ],
  [IO_URING_QUERY_ZCRX_EVENT, [3, ZCRX_STATS.size, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
])

/** IORING_REGISTER_QUERY: answers a list of questions. 0 or a negative errno; what is not known is told in its own result. */
export function queryZcrx(structs: UserStructs, argument: bigint): number {
  let address = argument
  for (let n = 0; address !== 0n; n++) {
    if (n === MOST_QUERIES) return -errno.ERANGE
    const header = structs.at(address, Q.size)
    if (!header) return -errno.EFAULT
    const error = answer(structs, header)
    if (error !== 0) return error
    address = u64(header, Q.next)
  }
  return 0
}

function answer(structs: UserStructs, header: DataView): number {
  const words = ANSWERS.get(u32(header, Q.op))
  const wanted = u32(header, Q.length)
  const result = check(header, words, wanted)
  setU32(header, Q.result, result)
  setU32(header, Q.length, result === 0 && words ? words.length * 4 : 0)
  if (result !== 0 || !words) return 0
  const room = Math.min(wanted, words.length * 4)
  const data = structs.at(u64(header, Q.data), room)
  if (!data) return -errno.EFAULT
  for (let at = 0; at < room; at++) data.setUint8(at, words[at >> 2] >>> ((at & 3) * 8))
  return 0
}

function check(header: DataView, words: readonly number[] | undefined, wanted: number): number {
  if (!isZero(header, Q.result, Q.size)) return -errno.EINVAL
  if (!words) return -errno.EOPNOTSUPP
  return wanted === 0 ? -errno.EINVAL : 0
}
