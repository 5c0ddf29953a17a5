/**
 * What a helper wants in a register.
 *
 * - `any`: anything that is initialized. `scalar`: a number.
 * - `ctx`: the program's context, unchanged.
 * - `map`: a map. `key`, `value`: memory of its key or value size to read; `newValue`: to write.
 * - `mem`: memory to read, `newMem`: to write, as long as the following `size` or `sizeOrZero` says; `...OrNull`: may be null.
 * - `long`: 8 bytes to write. `int`: 4 bytes, read and written.
 * - `record`: what a ring buffer gave. `reserve`: a constant number of bytes.
 * - `func`: a callback. `sock`: a socket; `owned`: one that has to be released.
 * - `lock`, `timer`: such a member of a map value. `text`: constant text of a read-only map.
 */
export type ArgKind =
  | 'any'
  | 'scalar'
  | 'ctx'
  | 'ctxOrNull'
  | 'map'
  | 'key'
  | 'value'
  | 'newValue'
  | 'mem'
  | 'memOrNull'
  | 'newMem'
  | 'size'
  | 'sizeOrZero'
  | 'long'
  | 'int'
  | 'record'
  | 'reserve'
  | 'func'
  | 'callbackContext'
  | 'sock'
  | 'owned'
  | 'lock'
  | 'timer'
  | 'text'

/** What is in R0 afterwards. */
export type ResultKind =
  | 'scalar'
  | 'void'
  | 'valueOrNull'
  | 'recordOrNull'
  | 'sockOrNull'
  | 'tcpSockOrNull'
  | 'sockCommonOrNull'

export interface Prototype {
  readonly args: readonly ArgKind[]
  readonly returns: ResultKind
  /** Only for programs under a licence that is compatible with the GPL. */
  readonly gpl: boolean
  /** Needs CAP_PERFMON. */
  readonly perfmon: boolean
  /** The packet may lie elsewhere afterwards. */
  readonly movesPacket: boolean
  /** What is returned has to be released. */
  readonly acquires: boolean
  /** Bounds of a scalar result, signed. */
  readonly range?: readonly [bigint, bigint]
}

type Flag = 'gpl' | 'perfmon' | 'moves' | 'acquires'

const helper = (args: string, returns: ResultKind = 'scalar', ...flags: Flag[]): Prototype => ({
  args: args === '' ? [] : (args.split(' ') as ArgKind[]),
  returns,
  gpl: flags.includes('gpl'),
  perfmon: flags.includes('perfmon'),
  movesPacket: flags.includes('moves'),
  acquires: flags.includes('acquires'),
})

/** Helpers that every program type here has, by name. Source: spec 02 §3.5. */
const COMMON: Readonly<Record<string, Prototype>> = {
  map_lookup_elem: helper('map key', 'valueOrNull'),
  map_update_elem: helper('map key value any'),
  map_delete_elem: helper('map key'),
  map_push_elem: helper('map value any'),
  map_pop_elem: helper('map newValue'),
  map_peek_elem: helper('map newValue'),
  map_lookup_percpu_elem: helper('map key any', 'valueOrNull'),
  for_each_map_elem: helper('map func callbackContext any'),
  loop: helper('scalar func callbackContext any'),
  tail_call: helper('ctx map any', 'void'),
  get_prandom_u32: helper(''),
  get_smp_processor_id: helper(''),
  get_numa_node_id: helper(''),
  ktime_get_ns: helper(''),
  ktime_get_boot_ns: helper(''),
  ktime_get_coarse_ns: helper(''),
  ktime_get_tai_ns: helper(''),
  jiffies64: helper(''),
  ringbuf_output: helper('map mem sizeOrZero any'),
  ringbuf_reserve: helper('map reserve any', 'recordOrNull', 'acquires'),
  ringbuf_submit: helper('record any', 'void'),
  ringbuf_discard: helper('record any', 'void'),
  ringbuf_query: helper('map any'),
  spin_lock: helper('lock', 'void'),
  spin_unlock: helper('lock', 'void'),
  timer_init: helper('timer map any'),
  timer_set_callback: helper('timer func'),
  timer_start: helper('timer any any'),
  timer_cancel: helper('timer'),
  strtol: helper('mem size any long'),
  strtoul: helper('mem size any long'),
  strncmp: helper('mem size text'),
  trace_printk: helper('mem size any any any', 'scalar', 'gpl', 'perfmon'),
  trace_vprintk: helper('mem size memOrNull sizeOrZero', 'scalar', 'gpl', 'perfmon'),
  snprintf: helper('newMem sizeOrZero text memOrNull sizeOrZero', 'scalar', 'gpl', 'perfmon'),
}

/** Of programs that see packets. */
const PACKETS: Readonly<Record<string, Prototype>> = {
  csum_diff: helper('memOrNull sizeOrZero memOrNull sizeOrZero any'),
  perf_event_output: helper('ctx map any mem sizeOrZero', 'scalar', 'gpl'),
  fib_lookup: helper('ctx mem size any', 'scalar', 'gpl'),
  check_mtu: helper('ctx any int any any', 'scalar', 'gpl'),
  sk_lookup_tcp: helper('ctx mem size any any', 'sockOrNull', 'acquires'),
  sk_lookup_udp: helper('ctx mem size any any', 'sockOrNull', 'acquires'),
  skc_lookup_tcp: helper('ctx mem size any any', 'sockCommonOrNull', 'acquires'),
  sk_release: helper('owned'),
}

const CLASSIFIERS: Readonly<Record<string, Prototype>> = {
  skb_load_bytes: helper('ctx any newMem size'),
  skb_load_bytes_relative: helper('ctx any newMem size any'),
  skb_store_bytes: helper('ctx any mem size any', 'scalar', 'moves'),
  skb_pull_data: helper('ctx any', 'scalar', 'moves'),
  l3_csum_replace: helper('ctx any any any any', 'scalar', 'moves'),
  l4_csum_replace: helper('ctx any any any any', 'scalar', 'moves'),
  csum_update: helper('ctx any'),
  csum_level: helper('ctx any'),
  skb_change_tail: helper('ctx any any', 'scalar', 'moves'),
  skb_change_head: helper('ctx any any', 'scalar', 'moves'),
  skb_adjust_room: helper('ctx any any any', 'scalar', 'moves'),
  skb_change_proto: helper('ctx any any', 'scalar', 'moves'),
  skb_change_type: helper('ctx any'),
  skb_vlan_push: helper('ctx any any', 'scalar', 'moves'),
  skb_vlan_pop: helper('ctx', 'scalar', 'moves'),
  get_hash_recalc: helper('ctx'),
  set_hash_invalid: helper('ctx'),
  set_hash: helper('ctx any'),
  skb_set_tstamp: helper('ctx any any'),
  skb_ecn_set_ce: helper('ctx'),
  redirect: helper('any any'),
  redirect_peer: helper('any any'),
  redirect_neigh: helper('any memOrNull sizeOrZero any'),
  clone_redirect: helper('ctx any any', 'scalar', 'moves'),
  get_route_realm: helper('ctx'),
  skb_get_tunnel_key: helper('ctx newMem size any'),
  skb_set_tunnel_key: helper('ctx mem size any'),
  get_socket_cookie: helper('ctx'),
  get_netns_cookie: helper('ctxOrNull'),
  get_socket_uid: helper('ctx'),
  get_cgroup_classid: helper('ctx'),
  skb_cgroup_id: helper('ctx'),
  skb_cgroup_classid: helper('ctx'),
  sk_assign: helper('ctx sock any'),
}

const XDP: Readonly<Record<string, Prototype>> = {
  redirect: helper('any any'),
  redirect_map: helper('map any any'),
  xdp_adjust_head: helper('ctx any', 'scalar', 'moves'),
  xdp_adjust_tail: helper('ctx any', 'scalar', 'moves'),
  xdp_adjust_meta: helper('ctx any', 'scalar', 'moves'),
  xdp_get_buff_len: helper('ctx'),
  xdp_load_bytes: helper('ctx any newMem size'),
  xdp_store_bytes: helper('ctx any mem size'),
}

/** Helpers of SCHED_CLS and XDP programs, by name without `bpf_`. */
export const PROTOTYPES = {
  schedCls: { ...COMMON, ...PACKETS, ...CLASSIFIERS } as Readonly<Record<string, Prototype>>,
  xdp: { ...COMMON, ...PACKETS, ...XDP } as Readonly<Record<string, Prototype>>,
} as const
