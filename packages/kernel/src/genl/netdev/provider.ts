import { NETDEV_IO_URING, type Writer } from '@netkit/netlink'
import type { MemoryProvider } from '../../net/provider.ts'

/** Writes who lends memory to a queue or a pool, if anyone does, under the ids that the message has for that. */
export function writeProvider(
  w: Writer,
  provider: MemoryProvider | undefined,
  ids: { readonly dmabuf: number; readonly ioUring: number },
): void {
  if (provider?.dmabuf !== undefined) w.attrU32(ids.dmabuf, provider.dmabuf)
  if (provider?.rxBufLen === undefined) return
  const nest = w.beginNest(ids.ioUring)
  w.attrUint(NETDEV_IO_URING.ids.rxBufLen, provider.rxBufLen)
  w.end(nest)
}
