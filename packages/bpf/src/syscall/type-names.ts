import { EXTENSION_ATTACH_TYPE } from './extensions.ts'
import { ATTACH_TYPE } from './numbers.ts'

const list = (text: string): readonly string[] => text.trim().split(/\s+/)

/** By BPF_PROG_TYPE_*, in bpftool's spelling. Source: uapi enum bpf_prog_type. */
export const PROGRAM_TYPE_NAMES = list(`
  unspec socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit
  sock_ops sk_skb cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local lirc_mode2 sk_reuseport flow_dissector
  cgroup_sysctl raw_tracepoint_writable cgroup_sockopt tracing struct_ops ext lsm sk_lookup syscall netfilter
`)

/** By BPF_MAP_TYPE_*. Source: uapi enum bpf_map_type. */
const MAPS = list(`
  unspec hash array prog_array perf_event_array percpu_hash percpu_array stack_trace cgroup_array lru_hash
  lru_percpu_hash lpm_trie array_of_maps hash_of_maps devmap sockmap cpumap xskmap sockhash cgroup_storage
  reuseport_sockarray percpu_cgroup_storage queue stack sk_storage devmap_hash struct_ops ringbuf inode_storage task_storage
  bloom_filter user_ringbuf cgrp_storage arena insn_array rhash
`)

/** By BPF_LINK_TYPE_*. Source: uapi enum bpf_link_type. */
const LINKS = list(`
  unspec raw_tracepoint tracing cgroup iter netns xdp perf_event kprobe_multi struct_ops netfilter tcx uprobe_multi netkit
  sockmap
`)

const nameIn =
  (names: readonly string[]) =>
  (type: number): string =>
    names[type] ?? `type ${type}`

export const programTypeName = nameIn(PROGRAM_TYPE_NAMES)
export const mapTypeName = nameIn(MAPS)
export const linkTypeName = nameIn(LINKS)

/** The number of a map type by its name; undefined for a name that no type has. */
export function mapTypeNumber(name: string): number | undefined {
  const number = MAPS.indexOf(name)
  return number > 0 ? number : undefined
}

/** All names of map types. */
export const MAP_TYPE_NAMES = MAPS.slice(1)

/** Places at a device, as libbpf spells them, and those of extensions. */
export const ATTACH_NAMES = {
  netkit_primary: ATTACH_TYPE.netkitPrimary,
  netkit_peer: ATTACH_TYPE.netkitPeer,
  tcx_ingress: ATTACH_TYPE.tcxIngress,
  tcx_egress: ATTACH_TYPE.tcxEgress,
  xdp: ATTACH_TYPE.xdp,
  xdp_netkit_egress: EXTENSION_ATTACH_TYPE.xdpNetkitEgress,
  xdp_netkit_inject: EXTENSION_ATTACH_TYPE.xdpNetkitInject,
} as const
/** A place at a device where programs are attached. */
export type AttachName = keyof typeof ATTACH_NAMES

export const attachName = (type: number): string =>
  Object.entries(ATTACH_NAMES).find(([, number]) => number === type)?.[0] ?? `attach type ${type}`
