import {
  countElements,
  deleteElement,
  lookupElement,
  MAP_HEADER,
  MAP_TYPES,
  peekElement,
  popElement,
  pushElement,
  updateElement,
} from '@netkit/bpf'
import { errno } from '@netkit/netlink'
import type { HelperRow, HelperWorld } from './helper.ts'

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
    body({ memory, special }, map, key, value, flags, high) {
      if (high !== 0) return -errno.EINVAL
      const after = special.change(map >>> 0, key >>> 0, value >>> 0)
      const error = updateElement(memory, map >>> 0, key >>> 0, value >>> 0, flags >>> 0)
      if (error === 0) after?.()
      return error
    },
  },
  {
    name: 'map_delete_elem',
    args: ['u32', 'u32'],
    returns: 's32',
    body({ memory, special }, map, key) {
      const after = special.change(map >>> 0, key >>> 0, 0)
      const error = deleteElement(memory, map >>> 0, key >>> 0)
      if (error === 0) after?.()
      return error
    },
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
  {
    name: 'for_each_map_elem',
    args: ['u32', 'func', 'u32', 'u64'],
    returns: 's32',
    body: (of, map, func, context, low, high) =>
      (low | high) !== 0 ? -errno.EINVAL : forEach(of, map >>> 0, func, context),
  },
]

/** Functions of the kernel about maps. Source: spec 02 §3.7. */
export const MAP_FUNCTIONS: readonly HelperRow[] = [
  {
    name: 'bpf_map_sum_elem_count',
    args: ['u32'],
    returns: 'u32',
    body: ({ memory }, map) => countElements(memory, map >>> 0),
  },
]

/** Calls back for each element, at most as often as there can be elements: a callback may delete what it is handed. */
function forEach({ memory, invoke }: HelperWorld, map: number, func: number, context: number): number {
  const type = MAP_TYPES.get(memory.view.getUint32(map + MAP_HEADER.TYPE, true))
  const most = memory.view.getUint32(map + MAP_HEADER.MAX_ENTRIES, true)
  const room = (memory.view.getUint32(map + MAP_HEADER.KEY_SIZE, true) + 7) & -8
  const keys = memory.reserve(2 * room)
  if (!type || keys === 0) return -errno.ENOMEM
  let count = 0
  let key = keys
  let more = type.next(memory, map, 0, key) === 0
  while (more && count < most) {
    const next = key === keys ? keys + room : keys
    more = type.next(memory, map, key, next) === 0
    const value = type.lookup(memory, map, key)
    count++
    if (invoke(func, map, key, value, context) !== 0) break
    key = next
  }
  memory.release(keys, 2 * room)
  return count
}
