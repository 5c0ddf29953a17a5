import type { KernelSettings } from '@netkit/bpf'
import type { BpfCalls } from '../calls.ts'

/** What programs ask an embedded kernel for: what a distribution's kernel for servers has of it. */
const EMBEDDED = `
CONFIG_64BIT=y
CONFIG_BPF=y
CONFIG_BPF_EVENTS=y
CONFIG_BPF_JIT=y
CONFIG_BPF_JIT_ALWAYS_ON=y
CONFIG_BPF_SYSCALL=y
CONFIG_DEBUG_INFO_BTF=y
CONFIG_HAVE_EBPF_JIT=y
CONFIG_HZ=250
CONFIG_HZ_250=y
CONFIG_INET=y
CONFIG_IPV6=y
CONFIG_NET=y
CONFIG_NETDEVICES=y
CONFIG_NETKIT=y
CONFIG_NET_CLS_ACT=y
CONFIG_NET_INGRESS=y
CONFIG_NET_EGRESS=y
CONFIG_NET_NS=y
CONFIG_NET_XGRESS=y
CONFIG_NR_CPUS=1
CONFIG_VETH=m
CONFIG_XDP_SOCKETS=y
`

/** The settings of the kernel that programs are loaded into. */
export async function kernelSettings(calls: BpfCalls): Promise<KernelSettings> {
  const door = calls.door('read settings')
  const { release, kind } = calls.places.context.doors
  const text = kind === 'embedded' ? EMBEDDED : await door.configuration?.()
  const lines = new Map((text ?? '').split('\n').flatMap(split))
  return { release, value: (name) => lines.get(name) }
}

function split(line: string): (readonly [string, string])[] {
  const at = line.indexOf('=')
  return at < 0 || line.startsWith('#') ? [] : [[line.slice(0, at), line.slice(at + 1)]]
}
