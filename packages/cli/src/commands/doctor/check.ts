import type { Answer, FeatureAnswer } from 'netkit'
import type { Machine } from '../context.ts'

/** One thing that was looked at, and what came of it. */
export interface Check {
  /** In JSON: `single`. */
  readonly key: string
  /** For people: `single devices`. */
  readonly name: string
  readonly answer: Answer
  /** What to do about a no, or to get to know. */
  readonly advice?: string
}

/** What advice depends on. */
export interface Situation {
  readonly kind: string
  readonly release: string
  readonly machine: Machine | undefined
}

/** What there is to say about a feature of the kernel. */
interface Feature {
  readonly name: string
  readonly no: (s: Situation, since: string) => string
}

/** `6.18.44-fc` as a number that can be compared: 6018. */
const rank = (release: string): number => {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return major * 1000 + minor
}

const withoutPairs = ({ release }: Situation, since: string): string => {
  const other = rank(release) >= rank(since) ? 'another build of it' : `Linux ${since} or newer`
  return `boot ${other}, with CONFIG_NETKIT=y; until then there is netkit -kernel embedded`
}
const newer = (_: Situation, since: string): string => `boot Linux ${since} or newer, with CONFIG_NETKIT=y`
const family = (s: Situation, since: string): string =>
  rank(s.release) >= rank(since)
    ? 'boot another build of this kernel: this one leaves it out'
    : `boot Linux ${since} or newer`

/** Features of kernels by their names in the SDK, in the order in which they are shown. */
export const FEATURES = {
  netkit: { name: 'netkit pairs', no: withoutPairs },
  scrub: { name: 'scrub of pairs', no: newer },
  headroom: { name: 'head- and tailroom', no: newer },
  single: { name: 'single devices', no: newer },
  leases: { name: 'leases of receive queues', no: family },
  netdev: { name: 'queues by netlink (netdev)', no: family },
  ethtool: { name: 'ethtool by netlink', no: family },
} as const satisfies Readonly<Record<string, Feature>>

/** Features of NICs by their names in the SDK. */
export const NIC_FEATURES = {
  queueManagement: {
    name: 'queue management: leases',
    no: 'its driver does not manage queues one by one: use another NIC to lease from',
  },
  memoryProviders: {
    name: 'memory providers: zero-copy',
    no: 'its driver takes no memory of applications: zero-copy receive needs another NIC',
  },
  headerSplit: {
    name: 'header split',
    no: 'its driver does not split headers, which zero-copy receive of TCP needs: use another NIC',
  },
  ntuple: { name: 'n-tuple steering', no: 'it steers no flows by rules: spread with nic rss, or use another NIC' },
  xdpZeroCopy: { name: 'AF_XDP zero-copy', no: 'AF_XDP copies on it: use a driver with zero-copy for full speed' },
} as const

const PRIVILEGED = 'only who has CAP_NET_ADMIN is told: run it as root'

const UNKNOWN: Readonly<Record<string, string>> = {
  EPERM: PRIVILEGED,
  EACCES: PRIVILEGED,
  ENOENT: 'this kernel cannot be asked: it lacks the family that tells',
  EOPNOTSUPP: 'this kernel cannot be asked: it lacks single devices or leases',
}

/** What to do where the kernel did not tell. */
export const unknownAdvice = ({ why }: FeatureAnswer): string =>
  UNKNOWN[why?.code ?? ''] ?? `the kernel answered ${why?.message ?? 'nothing'}`

/** The same for what a user namespace of one's own is enough for: the kernel itself, not the machine's NICs. */
export const unknownKernelAdvice = (found: FeatureAnswer): string =>
  found.why?.code === 'EPERM'
    ? `${PRIVILEGED}, or as unshare --user --net --map-root-user netkit doctor`
    : unknownAdvice(found)

/** A capability of the caller, and what it is for. */
export const CAPABILITIES = {
  CAP_NET_ADMIN: 'changes of devices',
  CAP_SYS_ADMIN: 'namespaces',
  CAP_NET_BROADCAST: 'monitor all-nsid',
} as const
