import { MAP_FLAG } from '../syscall/numbers.ts'
import { E2BIG, EINVAL, ENOTSUPP, type MapSpec, type MapType } from './type.ts'

const FLAGS = MAP_FLAG.noPrealloc | MAP_FLAG.clone
/** Bytes of a value, at most: 64 KiB with what Linux keeps before it. */
const MOST_VALUE_BYTES = 0xffff - 64
const EBADF = -9

function check({ keySize, valueSize, maxEntries, flags }: MapSpec): number {
  const fits = (flags & ~FLAGS) === 0 && (flags & MAP_FLAG.noPrealloc) !== 0 && maxEntries === 0
  if (!fits || keySize !== 4 || valueSize === 0) return EINVAL
  return valueSize > MOST_VALUE_BYTES ? E2BIG : 0
}

/** Values that belong to sockets. Users name those by descriptors, and no socket here has one that bpf(2) takes. */
export const skStorage: MapType = {
  name: 'sk_storage',
  check,
  bytes: () => 0,
  create: () => undefined,
  lookup: () => EBADF,
  update: () => EBADF,
  remove: () => EBADF,
  next: () => ENOTSUPP,
}
