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
 * - `initialValue`: a value to read, or null. `ipv4Header`, `ipv6Header`, `tcpHeader`: memory of that size to read.
 * - `lock`, `timer`: such a member of a map value. `text`: constant text of a read-only map.
 * - `dynptr`: one that is initialized; `newDynptr`: a place for one of memory, of a ring buffer, of a packet, of another one.
 * - `iter`: an iterator, `newIter` a place for one, `endIter` one that ends. `constSize`: a constant number of bytes.
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
  | 'sockOrNull'
  | 'owned'
  | 'lock'
  | 'timer'
  | 'text'
  | 'dynptr'
  | 'newDynptr'
  | 'ringDynptr'
  | 'skbDynptr'
  | 'xdpDynptr'
  | 'cloneDynptr'
  | 'endDynptr'
  | 'sliceSize'
  | 'constSize'
  | 'initialValue'
  | 'ipv4Header'
  | 'ipv6Header'
  | 'tcpHeader'
  | 'newIter'
  | 'iter'
  | 'endIter'

/** What is in R0 afterwards. */
export type ResultKind =
  | 'scalar'
  | 'void'
  | 'valueOrNull'
  | 'recordOrNull'
  | 'sockOrNull'
  | 'tcpSockOrNull'
  | 'sockCommonOrNull'
  | 'dynptrDataOrNull'
  | 'sliceOrNull'
  | 'writableSliceOrNull'
  | 'iterated'

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

/** Arguments separated by spaces, result, flags. */
export const signature = (args: string, returns: ResultKind = 'scalar', ...flags: Flag[]): Prototype => ({
  args: args === '' ? [] : (args.split(' ') as ArgKind[]),
  returns,
  gpl: flags.includes('gpl'),
  perfmon: flags.includes('perfmon'),
  movesPacket: flags.includes('moves'),
  acquires: flags.includes('acquires'),
})

/** Helpers that every program type here has, by name. Source: spec 02 §3.5. */
const COMMON: Readonly<Record<string, Prototype>> = {
  map_lookup_elem: signature('map key', 'valueOrNull'),
  map_update_elem: signature('map key value any'),
  map_delete_elem: signature('map key'),
  map_push_elem: signature('map value any'),
  map_pop_elem: signature('map newValue'),
  map_peek_elem: signature('map newValue'),
  map_lookup_percpu_elem: signature('map key any', 'valueOrNull'),
  for_each_map_elem: signature('map func callbackContext any'),
  loop: signature('scalar func callbackContext any'),
  tail_call: signature('ctx map any', 'void'),
  get_prandom_u32: signature(''),
  get_smp_processor_id: signature(''),
  get_numa_node_id: signature(''),
  ktime_get_ns: signature(''),
  ktime_get_boot_ns: signature(''),
  ktime_get_coarse_ns: signature(''),
  ktime_get_tai_ns: signature(''),
  jiffies64: signature(''),
  ringbuf_output: signature('map mem sizeOrZero any'),
  ringbuf_reserve: signature('map reserve any', 'recordOrNull', 'acquires'),
  ringbuf_submit: signature('record any', 'void'),
  ringbuf_discard: signature('record any', 'void'),
  ringbuf_query: signature('map any'),
  spin_lock: signature('lock', 'void'),
  spin_unlock: signature('lock', 'void'),
  timer_init: signature('timer map any'),
  timer_set_callback: signature('timer func'),
  timer_start: signature('timer any any'),
  timer_cancel: signature('timer'),
  dynptr_from_mem: signature('mem sizeOrZero any newDynptr'),
  dynptr_read: signature('newMem sizeOrZero dynptr any any'),
  dynptr_write: signature('dynptr any mem sizeOrZero any'),
  dynptr_data: signature('dynptr any sliceSize', 'dynptrDataOrNull'),
  ringbuf_reserve_dynptr: signature('map any any ringDynptr'),
  ringbuf_submit_dynptr: signature('endDynptr any', 'void'),
  ringbuf_discard_dynptr: signature('endDynptr any', 'void'),
  get_current_pid_tgid: signature(''),
  get_current_uid_gid: signature(''),
  get_current_cgroup_id: signature(''),
  get_current_ancestor_cgroup_id: signature('any'),
  current_task_under_cgroup: signature('map any'),
  get_current_comm: signature('newMem size', 'scalar', 'perfmon'),
  strtol: signature('mem size any long'),
  strtoul: signature('mem size any long'),
  strncmp: signature('mem size text'),
  trace_printk: signature('mem size', 'scalar', 'gpl', 'perfmon'),
  trace_vprintk: signature('mem size memOrNull sizeOrZero', 'scalar', 'gpl', 'perfmon'),
  snprintf: signature('newMem sizeOrZero text memOrNull sizeOrZero', 'scalar', 'gpl', 'perfmon'),
}

/** Of programs that see packets. */
const PACKETS: Readonly<Record<string, Prototype>> = {
  csum_diff: signature('memOrNull sizeOrZero memOrNull sizeOrZero any'),
  perf_event_output: signature('ctx map any mem sizeOrZero', 'scalar', 'gpl'),
  fib_lookup: signature('ctx mem size any', 'scalar', 'gpl'),
  check_mtu: signature('ctx any int any any', 'scalar', 'gpl'),
  sk_lookup_tcp: signature('ctx mem size any any', 'sockOrNull', 'acquires'),
  sk_lookup_udp: signature('ctx mem size any any', 'sockOrNull', 'acquires'),
  skc_lookup_tcp: signature('ctx mem size any any', 'sockCommonOrNull', 'acquires'),
  sk_release: signature('owned'),
  tcp_check_syncookie: signature('sock mem size mem size', 'scalar', 'gpl'),
  tcp_gen_syncookie: signature('sock mem size mem size', 'scalar', 'gpl'),
  tcp_raw_gen_syncookie_ipv4: signature('ipv4Header mem sizeOrZero', 'scalar', 'gpl'),
  tcp_raw_gen_syncookie_ipv6: signature('ipv6Header mem sizeOrZero', 'scalar', 'gpl'),
  tcp_raw_check_syncookie_ipv4: signature('ipv4Header tcpHeader', 'scalar', 'gpl'),
  tcp_raw_check_syncookie_ipv6: signature('ipv6Header tcpHeader', 'scalar', 'gpl'),
}

const CLASSIFIERS: Readonly<Record<string, Prototype>> = {
  skb_load_bytes: signature('ctx any newMem size'),
  skb_load_bytes_relative: signature('ctx any newMem size any'),
  skb_store_bytes: signature('ctx any mem size any', 'scalar', 'moves'),
  skb_pull_data: signature('ctx any', 'scalar', 'moves'),
  l3_csum_replace: signature('ctx any any any any', 'scalar', 'moves'),
  l4_csum_replace: signature('ctx any any any any', 'scalar', 'moves'),
  csum_update: signature('ctx any'),
  csum_level: signature('ctx any'),
  skb_change_tail: signature('ctx any any', 'scalar', 'moves'),
  skb_change_head: signature('ctx any any', 'scalar', 'moves'),
  skb_adjust_room: signature('ctx any any any', 'scalar', 'moves'),
  skb_change_proto: signature('ctx any any', 'scalar', 'moves'),
  skb_change_type: signature('ctx any'),
  skb_vlan_push: signature('ctx any any', 'scalar', 'moves'),
  skb_vlan_pop: signature('ctx', 'scalar', 'moves'),
  get_hash_recalc: signature('ctx'),
  set_hash_invalid: signature('ctx'),
  set_hash: signature('ctx any'),
  skb_set_tstamp: signature('ctx any any'),
  skb_ecn_set_ce: signature('ctx'),
  redirect: signature('any any'),
  redirect_peer: signature('any any'),
  redirect_neigh: signature('any memOrNull sizeOrZero any'),
  clone_redirect: signature('ctx any any', 'scalar', 'moves'),
  get_route_realm: signature('ctx'),
  skb_get_tunnel_key: signature('ctx newMem size any'),
  skb_set_tunnel_key: signature('ctx mem size any'),
  skb_get_tunnel_opt: signature('ctx newMem size'),
  skb_set_tunnel_opt: signature('ctx mem size'),
  get_socket_cookie: signature('ctx'),
  get_netns_cookie: signature('ctxOrNull'),
  skb_under_cgroup: signature('ctx map any'),
  skb_ancestor_cgroup_id: signature('ctx any'),
  skb_get_xfrm_state: signature('ctx any newMem size any'),
  sk_fullsock: signature('sock', 'sockOrNull'),
  get_listener_sock: signature('sock', 'sockOrNull'),
  sk_assign: signature('ctx sockOrNull any'),
  tcp_sock: signature('sock', 'tcpSockOrNull'),
  sk_storage_get: signature('map sock initialValue any', 'valueOrNull'),
  sk_storage_delete: signature('map sock'),
  get_socket_uid: signature('ctx'),
  get_cgroup_classid: signature('ctx'),
  skb_cgroup_id: signature('ctx'),
  skb_cgroup_classid: signature('ctx'),
}

const XDP: Readonly<Record<string, Prototype>> = {
  redirect: signature('any any'),
  redirect_map: signature('map any any'),
  xdp_adjust_head: signature('ctx any', 'scalar', 'moves'),
  xdp_adjust_tail: signature('ctx any', 'scalar', 'moves'),
  xdp_adjust_meta: signature('ctx any', 'scalar', 'moves'),
  xdp_get_buff_len: signature('ctx'),
  get_cgroup_classid: signature(''),
  xdp_load_bytes: signature('ctx any newMem size'),
  xdp_store_bytes: signature('ctx any mem size'),
}

/** Helpers of SCHED_CLS and XDP programs, by name without `bpf_`. */
export const PROTOTYPES = {
  schedCls: { ...COMMON, ...PACKETS, ...CLASSIFIERS } as Readonly<Record<string, Prototype>>,
  xdp: { ...COMMON, ...PACKETS, ...XDP } as Readonly<Record<string, Prototype>>,
} as const
