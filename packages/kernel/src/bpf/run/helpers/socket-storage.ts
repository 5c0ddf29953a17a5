import { errno } from '@netkit/netlink'
import type { HelperRow } from './helper.ts'

const CREATE = 1
const TIME_WAIT = 6

/** Values of programs that belong to sockets. Source: spec 02 §3.5, §6.8. */
export const SOCKET_STORAGE: readonly HelperRow[] = [
  {
    name: 'sk_storage_get',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 'u32',
    body({ socketBlocks, storages }, map, address, value, flags, high) {
      const socket = socketBlocks.at(address >>> 0)
      if (!socket || socket.state === TIME_WAIT || high !== 0 || flags >>> 0 > CREATE) return 0
      const found = storages.get(map >>> 0, socket.number)
      return found !== 0 || flags !== CREATE ? found : storages.add(map >>> 0, socket.number, value >>> 0)
    },
  },
  {
    name: 'sk_storage_delete',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ socketBlocks, storages }, map, address) {
      const socket = socketBlocks.at(address >>> 0)
      if (!socket || socket.state === TIME_WAIT) return -errno.EINVAL
      return storages.delete(map >>> 0, socket.number) ? 0 : -errno.ENOENT
    },
  },
]
