import { deleteElement, lookupElement, peekElement, popElement, pushElement, updateElement } from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { HelperRow } from './helper.ts'

const MOST_ROUNDS = 1 << 23

/** Elements of maps, and loops. Source: spec 02 §3.6, §6.2. */
export const MAPS: readonly HelperRow[] = [
  {
    name: 'map_lookup_elem',
    args: ['u32', 'u32'],
    returns: 'u32',
    body: ({ memory }, map, key) => lookupElement(memory, map >>> 0, key >>> 0),
  },
  {
    name: 'map_update_elem',
    args: ['u32', 'u32', 'u32', 'u64'],
    returns: 's32',
    body: ({ memory }, map, key, value, flags, high) =>
      high !== 0 ? -errno.EINVAL : updateElement(memory, map >>> 0, key >>> 0, value >>> 0, flags >>> 0),
  },
  {
    name: 'map_delete_elem',
    args: ['u32', 'u32'],
    returns: 's32',
    body: ({ memory }, map, key) => deleteElement(memory, map >>> 0, key >>> 0),
  },
  {
    name: 'map_push_elem',
    args: ['u32', 'u32', 'u64'],
    returns: 's32',
    body: ({ memory }, map, value, flags, high) =>
      high !== 0 ? -errno.EINVAL : pushElement(memory, map >>> 0, value >>> 0, flags >>> 0),
  },
  {
    name: 'map_pop_elem',
    args: ['u32', 'u32'],
    returns: 's32',
    body: ({ memory }, map, value) => popElement(memory, map >>> 0, value >>> 0),
  },
  {
    name: 'map_peek_elem',
    args: ['u32', 'u32'],
    returns: 's32',
    body: ({ memory }, map, value) => peekElement(memory, map >>> 0, value >>> 0),
  },
  {
    name: 'map_lookup_percpu_elem',
    args: ['u32', 'u32', 'u32'],
    returns: 'u32',
    body: ({ memory }, map, key, cpu) => (cpu === 0 ? lookupElement(memory, map >>> 0, key >>> 0) : 0),
  },
  {
    name: 'loop',
    args: ['u32', 'func', 'u32', 'u64'],
    returns: 's32',
    body({ invoke }, rounds, func, context, low, high) {
      if ((low | high) !== 0) return -errno.EINVAL
      if (rounds >>> 0 > MOST_ROUNDS) return -errno.E2BIG
      for (let i = 0; i < rounds; i++) if (invoke(func, i, context, 0, 0) !== 0) return i + 1
      return rounds
    },
  },
]
