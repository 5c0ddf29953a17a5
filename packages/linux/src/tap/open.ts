import { closeSync, constants, openSync } from 'node:fs'
import { type OpenTap, refused, type TapOptions } from '@netkit/netlink'
import { type Calls, calls, failure } from '../ffi/calls.ts'
import { IFREQ } from '../ffi/layouts.ts'
import { IFF_NO_PI, IFF_TAP, TUNSETIFF } from '../ffi/numbers.ts'
import { fileFailure, NETNS_DIR, withFile } from '../namespaces/files.ts'
import { inNamespace } from '../namespaces/switch.ts'
import { LinuxTap } from './tap.ts'

const CLONE_DEVICE = '/dev/net/tun'

/**
 * Opens a TAP interface of this machine, for the wire of an embedded kernel's NIC: `new Kernel({ openTap })`. Rejects with
 * NoLinuxError where there is no Linux, and with KernelError: EPERM without CAP_NET_ADMIN, EBUSY if another program uses the
 * interface, EINVAL for a name that is taken by another kind, ENOENT without a tun driver or for an unknown namespace.
 */
export const openTap: OpenTap = async (options) => {
  const c = await calls()
  const { name, namespace } = options
  const op = `open TAP interface ${name}`
  const length = Buffer.byteLength(name)
  if (length < 1 || length >= IFREQ.nameSize) throw refused(op, 'EINVAL', `a name has 1 to ${IFREQ.nameSize - 1} bytes`)
  if (namespace === undefined) return attach(c, options, op)
  const path = namespace.includes('/') ? namespace : `${NETNS_DIR}/${namespace}`
  return withFile(path, op, (fd) => inNamespace(c, fd, op, () => attach(c, options, op)))
}

/** The interface is in the network namespace of the thread that opens the file. */
function attach(c: Calls, { name }: TapOptions, op: string): LinuxTap {
  const fd = openClone(op)
  const request = new Uint8Array(IFREQ.size)
  new TextEncoder().encodeInto(name, request)
  new DataView(request.buffer).setInt16(IFREQ.data, IFF_TAP | IFF_NO_PI, true)
  if (c.ioctl(fd, TUNSETIFF, request) < 0) {
    const error = failure(c, op)
    closeSync(fd)
    throw error
  }
  return new LinuxTap(c, fd)
}

function openClone(op: string): number {
  try {
    return openSync(CLONE_DEVICE, constants.O_RDWR | constants.O_NONBLOCK)
  } catch (e) {
    throw fileFailure(e, op, `${CLONE_DEVICE} cannot be opened`)
  }
}
