import {
  type AnyTable,
  AttrTrimmer,
  commandIn,
  type GenlCommand,
  hasSince,
  NEWEST_RELEASE,
  type PolicyTable,
  PolicyView,
  RELEASES,
  type ReleaseName,
  type Writer,
} from '@netkit/netlink'
import { BUILDS, type Build } from './builds.ts'
import { type Rules, rulesOf } from './rules.ts'

const isRelease = (name: string): name is ReleaseName => Object.hasOwn(BUILDS, name)

/**
 * The release of Linux that a kernel answers as. What an attribute, a command or a rule is there for follows from when it
 * came, as the family tables say it, so that nothing else asks for the release by name.
 */
export class Release {
  readonly name: ReleaseName
  readonly build: Build
  /** What it does that older ones do not. */
  readonly does: Rules
  /** Undefined for the newest release, whose tables are the declared ones. */
  readonly #policies: PolicyView | undefined
  readonly #trimmer: AttrTrimmer | undefined

  /** Throws RangeError for a release that is none of `RELEASES`. */
  constructor(name: string = NEWEST_RELEASE) {
    if (!isRelease(name)) throw new RangeError(`no release '${name}': the kernel answers as ${RELEASES.join(' or ')}`)
    this.name = name
    this.build = BUILDS[name]
    this.does = rulesOf(name)
    this.#policies = name === NEWEST_RELEASE ? undefined : new PolicyView(name)
    this.#trimmer = name === NEWEST_RELEASE ? undefined : new AttrTrimmer(name)
  }

  /** Whether it has what came with a release. */
  has(since: string | undefined): boolean {
    return hasSince(this.name, since)
  }

  /** How it checks what a table declares. */
  policy(table: PolicyTable): PolicyTable {
    return this.#policies === undefined ? table : this.#policies.of(table)
  }

  /** A command as it has it; undefined if it has none. */
  command(command: GenlCommand): GenlCommand | undefined {
    if (this.#policies === undefined) return command
    const found = this.build.without.has(command.c) ? undefined : commandIn(this.name, command)
    if (found === undefined) return undefined
    const { do: plain, dump } = found
    return { ...found, do: plain && this.policy(plain), dump: dump && this.policy(dump) }
  }

  /** Takes back the attributes that it does not send, of those written from `start` on. */
  trim(w: Writer, start: number, table: AnyTable): void {
    this.#trimmer?.trim(w, start, table)
  }
}
