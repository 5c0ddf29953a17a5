import {
  type BPF_COMMANDS,
  BTF_INFO,
  type Btf,
  FormatError,
  INFO_SIZE,
  parseBtf,
  readStruct,
  writeStruct,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { BpfCall } from '../call/call.ts'
import { mayUseBpf } from '../call/capable.ts'
import { isLogRequest, writeLog } from '../load/log.ts'
import type { BpfBtf } from '../objects/btf.ts'

type LoadCall = BpfCall<(typeof BPF_COMMANDS.btfLoad)['attr']['members']>

const MOST_BYTES = 16 << 20
const TOKEN_FD = 0x1_0000

/** Reads types, keeps them and opens them. Source: uapi BPF_BTF_LOAD. */
export function loadBtf(call: LoadCall): number {
  const { attr, memory, objects, process } = call
  if ((attr.btfFlags & ~TOKEN_FD) !== 0) return -errno.EINVAL
  if ((attr.btfFlags & TOKEN_FD) !== 0) return process.files.has(attr.btfTokenFd) ? -errno.EINVAL : -errno.EBADF
  if (!mayUseBpf(call)) return -errno.EPERM
  if (attr.btfSize > MOST_BYTES) return -errno.E2BIG
  if (!isLogRequest(attr)) return -errno.EINVAL
  const given = memory.at(attr.btf, attr.btfSize)
  if (!given) return -errno.EFAULT
  const bytes = given.slice()
  const parsed = parse(bytes)
  const { error, trueSize } = writeLog(attr, memory, typeof parsed === 'string' ? [parsed] : [])
  call.write({ logTrueSize: trueSize })
  if (error !== 0) return error
  return typeof parsed === 'string' ? -errno.EINVAL : process.openObject(objects.addBtf(bytes, parsed))
}

/** The types, or what is wrong with them. */
function parse(bytes: Uint8Array): Btf | string {
  try {
    return parseBtf(bytes)
  } catch (e) {
    if (e instanceof FormatError) return e.message
    throw e
  }
}

/** The types' bytes too, as many as there is room for. Source: uapi struct bpf_btf_info. */
export function btfInfo({ memory }: Pick<BpfCall, 'memory'>, btf: BpfBtf, asked: Uint8Array): Uint8Array | number {
  const { btf: address, btfSize } = readStruct(BTF_INFO, asked)
  const size = Math.min(btfSize, btf.bytes.length)
  const room = size > 0 ? memory.at(address, size) : undefined
  if (size > 0 && !room) return -errno.EFAULT
  room?.set(btf.bytes.subarray(0, size))
  const values = { ...readStruct(BTF_INFO, asked), btfSize: btf.bytes.length, id: btf.id, nameLen: 0, kernelBtf: 0 }
  return writeStruct(BTF_INFO, new Uint8Array(INFO_SIZE.btf), values)
}
