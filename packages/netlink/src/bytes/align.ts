/** Rounds up to the alignment of netlink messages and attributes. */
export const align4 = (n: number): number => (n + 3) & ~3
