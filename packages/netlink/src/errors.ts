import type { PolicyTlv } from './attr/policy-tlv.ts'
import { type ErrnoName, errno, errnoName } from './errno.ts'

/** What a kernel said when it refused. */
export interface Refusal {
  /** What was tried, as a user would say it: `device change nk0`. */
  readonly op: string
  /** Positive error number. */
  readonly errno: number
  readonly extack?: string
  readonly offset?: number
  readonly attr?: string
  readonly policy?: PolicyTlv
  /** Name or id of a required attribute that was not given. */
  readonly missing?: string
  readonly log?: readonly string[]
  readonly cause?: unknown
}

const limits = (p: PolicyTlv | undefined): string => {
  if (!p) return ''
  const min = p.minU ?? p.minS
  const max = p.maxU ?? p.maxS
  if (min !== undefined && max !== undefined) return `allowed: ${min} to ${max}`
  if (p.minLength !== undefined && p.maxLength !== undefined) return `allowed: ${p.minLength} to ${p.maxLength} bytes`
  if (p.minLength !== undefined) return `allowed: at least ${p.minLength} bytes`
  if (p.maxLength !== undefined) return `allowed: at most ${p.maxLength} bytes`
  const bits = p.mask ?? p.bitfield32Mask
  if (bits !== undefined) return `allowed bits: 0x${bits.toString(16)}`
  return ''
}

function describe(r: Refusal): string {
  const where = [r.attr, r.offset === undefined ? '' : `byte ${r.offset}`, limits(r.policy)].filter(Boolean).join(', ')
  const missing = r.missing === undefined ? '' : ` (required attribute ${r.missing} is missing)`
  return `${r.op}: ${errnoName(r.errno)}: ${r.extack ?? MEANING[errnoName(r.errno)] ?? 'refused'}${where ? ` (${where})` : ''}${missing}`
}

/** One short phrase per error number, for refusals that the kernel does not explain itself. */
const MEANING: Readonly<Record<string, string>> = {
  EPERM: 'not permitted',
  ENOENT: 'there is no such object',
  ESRCH: 'there is no such process',
  EBADF: 'the file descriptor is not open',
  EACCES: 'access denied',
  EAGAIN: 'not now: it is down, or busy for the moment',
  EBUSY: 'in use',
  EEXIST: 'it exists already',
  ENODEV: 'there is no such device',
  EINVAL: 'a value or its combination with others is not valid',
  ENFILE: 'no free name or number is left',
  ENOMEM: 'out of memory',
  ERANGE: 'a value is out of range',
  ENODATA: 'there is no such data',
  ENONET: 'there is no namespace with this id',
  EMSGSIZE: 'the message is too long',
  EOPNOTSUPP: 'not supported by this device or kernel',
  EAFNOSUPPORT: 'address family not supported',
  EADDRNOTAVAIL: 'the address cannot be used',
  ENETDOWN: 'the device is down',
  ENOBUFS: 'messages were lost because the reader was too slow',
  ENOTCONN: 'not connected',
  ECONNREFUSED: 'nobody listens there',
  EADDRINUSE: 'the address is in use',
  EDESTADDRREQ: 'a destination is required',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'there is no route to it',
}

/** A kernel, embedded or real, refused a request. Branch on `code`; show `message`, never parse it. */
export class KernelError extends Error {
  override readonly name: string = 'KernelError'
  /** What was tried, as a user would say it. */
  readonly op: string
  /** Positive error number, and its name. */
  readonly errno: number
  readonly code: ErrnoName | `errno ${number}`
  /** The kernel's own words, from the extended acknowledgement. */
  readonly extack: string | undefined
  /** Byte in the request that the kernel points at, counted from the message header, and the attribute there by name. */
  readonly offset: number | undefined
  readonly attr: string | undefined
  /** The policy that a value violated. */
  readonly policy: PolicyTlv | undefined
  readonly missing: string | undefined
  /** Verifier log, whole. */
  readonly log: readonly string[] | undefined

  constructor(r: Refusal) {
    super(describe(r), { cause: r.cause })
    this.op = r.op
    this.errno = r.errno
    this.code = errnoName(r.errno)
    this.extack = r.extack
    this.offset = r.offset
    this.attr = r.attr
    this.policy = r.policy
    this.missing = r.missing
    this.log = r.log
  }
}

/** Refusals of doors that have no netlink message behind them. */
export const refused = (op: string, code: ErrnoName, extack?: string): KernelError =>
  new KernelError({ op, errno: errno[code], extack })
