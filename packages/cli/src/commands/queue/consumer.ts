import type { Queue } from 'netkit'

/** Who reads a receive queue past the kernel's own stack, and by which interface; empty: nobody does. */
export function consumerOf({ dmabuf, ioUring, xsk }: Pick<Queue, 'dmabuf' | 'ioUring' | 'xsk'>): string {
  const parts = [dmabuf === undefined ? '' : `dmabuf ${dmabuf}`, ioUring ? 'io_uring' : '', xsk ? 'AF_XDP' : '']
  return parts.filter(Boolean).join(', ')
}
