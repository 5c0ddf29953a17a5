import { PROG_TYPE } from '@netkit/bpf'
import {
  checkAttrs,
  errno,
  LIBERAL,
  LINK,
  LINK_XDP,
  type PolicyTable,
  type Writer,
  XDP_ATTACHED,
} from '@netkit/netlink'
import type { Core } from '../../net/core.ts'
import type { Device } from '../../net/device.ts'
import type { Process } from '../../net/process.ts'
import type { Request } from '../../net/request.ts'
import { XDP_MODES, type XdpMode, type XdpProgram } from '../../net/xdp.ts'
import { changeXdp, isAmbiguous, XDP_FLAG, XDP_MODE_FLAGS } from '../../net/xdp-attach.ts'

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

const KNOWN = XDP_FLAG.noExist | XDP_MODE_FLAGS | XDP_FLAG.replace

const found = new Int32Array(POLICY.maxId + 1)

/** What IFLA_XDP leads to: an errno, and whether something was done that is worth telling. */
export interface XdpOutcome {
  readonly error: number
  readonly notify: boolean
}

const outcome = (error: number): XdpOutcome => ({ error, notify: false })

/** IFLA_XDP: attaches a program by its descriptor, or with -1 removes the one that is there. Source: spec 02 §7.3. */
export function setXdp(kernel: Core, dev: Device, req: Request, at: number): XdpOutcome {
  const silent = { bytes: req.bytes, view: req.view, extack: {} }
  const error = checkAttrs(silent, at + 4, req.attrEnd(at), POLICY, LIBERAL, found)
  if (error !== 0) return outcome(error)
  if (found[X.attached] !== 0 || found[X.progId] !== 0) return outcome(-errno.EINVAL)
  const flags = found[X.flags] === 0 ? 0 : req.u32(found[X.flags])
  if ((flags & ~KNOWN) !== 0 || isAmbiguous(flags)) return outcome(-errno.EINVAL)
  if (found[X.fd] === 0) return outcome(0)
  const replaces = (flags & XDP_FLAG.replace) !== 0
  if (replaces && found[X.expectedFd] === 0) return outcome(-errno.EINVAL)
  const program = programAt(req.process, req.s32(found[X.fd]))
  if (typeof program === 'number') return outcome(program)
  const expected = replaces ? programAt(req.process, req.s32(found[X.expectedFd])) : undefined
  if (typeof expected === 'number') return outcome(expected)
  const refusal = changeXdp(kernel, dev, { flags, program, expected })
  return refusal ? outcome(req.refuse(-refusal.error, refusal.text)) : { error: 0, notify: true }
}

/** The XDP program behind a descriptor; none for negative ones. */
function programAt(process: Process, fd: number): XdpProgram | undefined | number {
  if (fd < 0) return undefined
  const file = process.files.get(fd)
  if (!file) return -errno.EBADF
  if (file.type !== 'bpf' || file.object.kind !== 'program') return -errno.EINVAL
  const program = file.object as unknown as XdpProgram
  return program.type === PROG_TYPE.xdp ? program : -errno.EINVAL
}

const SHOWN: Readonly<Record<XdpMode, { readonly id: number; readonly attached: number }>> = {
  skb: { id: X.skbProgId, attached: XDP_ATTACHED.skb },
  driver: { id: X.drvProgId, attached: XDP_ATTACHED.drv },
  hardware: { id: X.hwProgId, attached: XDP_ATTACHED.hw },
}

/** IFLA_XDP of a link message: the program of each mode, then which mode it is, and once more the program if it is only one. */
export function writeXdp(w: Writer, dev: Device): void {
  const mark = w.begin(LINK.ids.xdp)
  let attached: number = XDP_ATTACHED.none
  let only = 0
  for (const mode of XDP_MODES) {
    const slot = dev.xdp?.[mode]
    if (!slot) continue
    w.attrU32(SHOWN[mode].id, slot.program.id)
    attached = attached === XDP_ATTACHED.none ? SHOWN[mode].attached : XDP_ATTACHED.multi
    only = slot.program.id
  }
  w.attrU8(X.attached, attached)
  if (attached !== XDP_ATTACHED.none && attached !== XDP_ATTACHED.multi) w.attrU32(X.progId, only)
  w.end(mark)
}
