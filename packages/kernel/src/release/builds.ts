import { NETDEV, RELEASES, type ReleaseName } from '@netkit/netlink'

/** What depends on how Debian builds a release, rather than on the release. */
export interface Build {
  /** Ids of generic netlink families and of their groups begin here: what else is built in has those before. */
  readonly firstFamily: number
  readonly firstGroup: number
  /** Commands, by their uapi name, that are left out. */
  readonly without: ReadonlySet<string>
}

export const BUILDS: Readonly<Record<ReleaseName, Build>> = {
  // Debian 13's own kernel; it does not count what page pools do.
  '6.12': { firstFamily: 21, firstGroup: 5, without: new Set([NETDEV.commands.pagePoolStatsGet.c]) },
  '7.3': { firstFamily: 22, firstGroup: 6, without: new Set() },
}

/** Something for each release, made beforehand. */
export const byRelease = <T>(make: (release: ReleaseName) => T): Readonly<Record<ReleaseName, T>> =>
  Object.fromEntries(RELEASES.map((release) => [release, make(release)])) as Record<ReleaseName, T>
