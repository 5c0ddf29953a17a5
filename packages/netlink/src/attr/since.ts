/** A release as a number that grows with it. */
function order(release: string): number {
  const [major, minor] = release.split('.')
  return 1000 * Number(major) + Number(minor)
}

/** Whether a release of the kernel, as `7.3`, has what came with release `since`. What has no `since` was always there. */
export const hasSince = (release: string, since: string | undefined): boolean =>
  since === undefined || order(since) <= order(release)

/** Releases whose behaviour the tables were compared with, oldest first: what the embedded kernel can answer as. */
export const RELEASES = ['6.12', '7.3'] as const
export type ReleaseName = (typeof RELEASES)[number]
export const NEWEST_RELEASE: ReleaseName = '7.3'
