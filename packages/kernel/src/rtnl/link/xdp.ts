import { checkAttrs, errno, LIBERAL, LINK_XDP, type PolicyTable } from '@netkit/netlink'
import type { Request } from '../../net/request.ts'

const X = LINK_XDP.ids

/** Those after the first few are not for requests, but for EXPECTED_FD, which is checked strictly. */
const POLICY: PolicyTable = {
  maxId: X.expectedFd,
  strictFrom: X.expectedFd,
  policies: [
    undefined,
    { type: 's32' },
    { type: 'u8' },
    { type: 'u32' },
    { type: 'u32' },
    undefined,
    undefined,
    undefined,
    { type: 's32' },
  ],
}

const REPLACE = 0x10
const KNOWN = 0x1f
/** Where a program runs: at most one of these can be asked for. */
const MODES = [0x2, 0x4, 0x8]

const found = new Int32Array(POLICY.maxId + 1)

/** What IFLA_XDP leads to: an errno, and whether something was done that is worth telling. */
export interface XdpChange {
  readonly error: number
  readonly notify: boolean
}

const refused = (code: number): XdpChange => ({ error: -code, notify: false })

/** IFLA_XDP: attaches a program by its descriptor, or with -1 removes the one that is there. */
export function changeXdp(req: Request, at: number): XdpChange {
  const silent = { bytes: req.bytes, view: req.view, extack: {} }
  const error = checkAttrs(silent, at + 4, req.attrEnd(at), POLICY, LIBERAL, found)
  if (error !== 0) return { error, notify: false }
  if (found[X.attached] !== 0 || found[X.progId] !== 0) return refused(errno.EINVAL)
  const flags = found[X.flags] === 0 ? 0 : req.u32(found[X.flags])
  if ((flags & ~KNOWN) !== 0 || MODES.filter((mode) => (flags & mode) !== 0).length > 1) return refused(errno.EINVAL)
  if (found[X.fd] === 0) return { error: 0, notify: false }
  if ((flags & REPLACE) !== 0 && found[X.expectedFd] === 0) return refused(errno.EINVAL)
  const fds = [req.s32(found[X.fd]), (flags & REPLACE) !== 0 ? req.s32(found[X.expectedFd]) : -1]
  for (const fd of fds) {
    // No descriptor is one of a program.
    if (fd >= 0) return refused(req.process.files.has(fd) ? errno.EINVAL : errno.EBADF)
  }
  return { error: 0, notify: true }
}
