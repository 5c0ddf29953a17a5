import type { PolicyTable } from '../attr/policy.ts'
import { hasSince } from '../attr/since.ts'
import type { StructCodec } from '../attr/struct.ts'
import type { AnyTable } from '../attr/table.ts'

/** A message type of rtnetlink: what follows its header, and under which name people know it. */
export interface RouteMessage {
  readonly type: number
  /** Name in the uapi headers, e.g. `RTM_NEWLINK`. */
  readonly c: string
  // biome-ignore lint/suspicious/noExplicitAny: headers differ
  readonly header: StructCodec<any>
  readonly attrs: AnyTable
}

/** A command of a generic netlink family. */
export interface GenlCommand {
  readonly id: number
  /** Name in the uapi headers, e.g. `NETDEV_CMD_QUEUE_GET`. */
  readonly c: string
  readonly attrs: AnyTable
  /** Policy of the request in its plain form; absent: there is no such form. */
  readonly do?: PolicyTable
  /** Policy of the request in its dump form; absent: there is no such form. */
  readonly dump?: PolicyTable
  /** `admin`: CAP_NET_ADMIN in the initial user namespace. `ns-admin`: in the one that owns the network namespace. */
  readonly privilege?: 'admin' | 'ns-admin'
  /** Attributes of the reply or notification, where they are another set than the request's. */
  readonly reply?: AnyTable
  /** Command number of the reply, in families that number replies apart from requests (ethtool); 0: it has none. Default: `id`. */
  readonly replyId?: number
  /** It only asks. Absent: it may change something, and a dry run does not send it. */
  readonly reads?: true
  /** The kernel alone sends it: a notification. */
  readonly event?: true
  /** The plain form is checked LIBERAL; all others are checked STRICT. */
  readonly liberal?: true
  /** First kernel release that has it. */
  readonly since?: string
  /** What was otherwise before a release. */
  readonly earlier?: { readonly before: string } & Partial<Pick<GenlCommand, 'privilege' | 'do' | 'dump'>>
  readonly doc?: string
}

/** The command as a release has it; undefined where it came later. */
export function commandIn(release: string, command: GenlCommand): GenlCommand | undefined {
  if (!hasSince(release, command.since)) return undefined
  const { earlier } = command
  return earlier === undefined || hasSince(release, earlier.before) ? command : { ...command, ...earlier }
}

/** A generic netlink family. Its id and those of its groups are given out by the kernel. */
export interface GenlFamily<C extends Readonly<Record<string, GenlCommand>> = Readonly<Record<string, GenlCommand>>> {
  readonly name: string
  readonly version: number
  /** Multicast groups, in the order of their ids. */
  readonly groups: readonly string[]
  /** From this command number on, reserved header fields must be zero and flags unambiguous. Default: 0, all commands. */
  readonly checkedFrom?: number
  readonly commands: C
}

/** Declares a family, keeping the names of its commands for the type checker. */
export const genlFamily = <const C extends Readonly<Record<string, GenlCommand>>>(
  family: GenlFamily<C>,
): GenlFamily<C> => family
