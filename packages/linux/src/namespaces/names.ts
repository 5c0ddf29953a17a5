import { refused } from '@netkit/netlink'

const MAX_NAME = 255 // NAME_MAX of uapi linux/limits.h

/** Refuses what is no file name, with EINVAL. */
export function assertName(name: string, op: string): void {
  const length = new TextEncoder().encode(name).length
  if (length === 0 || length > MAX_NAME || name === '.' || name === '..' || /[/\0]/.test(name))
    throw refused(op, 'EINVAL', `'${name}' is no file name of 1 to ${MAX_NAME} bytes`)
}
