import { MAP_TYPE } from '../syscall/numbers.ts'

const T = MAP_TYPE
const HASHES = [T.hash, T.percpuHash, T.lruHash, T.lruPercpuHash, T.rhash]
const RINGS = [T.ringbuf]
const QUEUES = [T.queue, T.stack]

/** Helpers that take maps of certain types only. */
const HELPERS: Readonly<Record<string, readonly number[]>> = {
  tail_call: [T.progArray],
  perf_event_output: [T.perfEventArray],
  skb_under_cgroup: [T.cgroupArray],
  current_task_under_cgroup: [T.cgroupArray],
  redirect_map: [T.devmap, T.devmapHash, T.cpumap, T.xskmap],
  ringbuf_output: RINGS,
  ringbuf_reserve: RINGS,
  ringbuf_query: RINGS,
  ringbuf_reserve_dynptr: RINGS,
  map_push_elem: [...QUEUES, T.bloomFilter],
  map_peek_elem: [...QUEUES, T.bloomFilter],
  map_pop_elem: QUEUES,
  sk_storage_get: [T.skStorage],
  sk_storage_delete: [T.skStorage],
  map_lookup_percpu_elem: [T.percpuArray, T.percpuHash, T.lruPercpuHash],
  for_each_map_elem: [T.array, T.percpuArray, ...HASHES],
}

/** Maps of which programs can do certain things only. */
const MAPS: ReadonlyMap<number, readonly string[]> = new Map([
  [T.progArray, ['tail_call']],
  [T.perfEventArray, ['perf_event_output']],
  [T.cgroupArray, ['skb_under_cgroup', 'current_task_under_cgroup']],
  [T.ringbuf, ['ringbuf_output', 'ringbuf_reserve', 'ringbuf_reserve_dynptr', 'ringbuf_query']],
  [T.queue, ['map_push_elem', 'map_pop_elem', 'map_peek_elem']],
  [T.stack, ['map_push_elem', 'map_pop_elem', 'map_peek_elem']],
  [T.bloomFilter, ['map_push_elem', 'map_peek_elem']],
  [T.devmap, ['redirect_map', 'map_lookup_elem']],
  [T.devmapHash, ['redirect_map', 'map_lookup_elem']],
  [T.cpumap, ['redirect_map']],
  [T.xskmap, ['redirect_map', 'map_lookup_elem']],
  [T.arrayOfMaps, ['map_lookup_elem']],
  [T.hashOfMaps, ['map_lookup_elem']],
  [T.skStorage, ['sk_storage_get', 'sk_storage_delete']],
])

/** Whether a helper takes a map of a type. */
export const takesMap = (helper: string, type: number): boolean =>
  (HELPERS[helper]?.includes(type) ?? true) && (MAPS.get(type)?.includes(helper) ?? true)
