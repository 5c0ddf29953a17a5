/** A message that was expected, one that came, or both. */
export type Pair<W, G> =
  | { readonly want: W; readonly got: G }
  | { readonly want: W; readonly got?: undefined }
  | { readonly want?: undefined; readonly got: G }

/**
 * Puts what came beside what was expected. If the numbers agree they are taken in order; otherwise so that as many as
 * possible of the same kind stand beside each other, so that what is missing or too much stands alone.
 */
export function align<W, G>(wants: readonly W[], gots: readonly G[], same: (want: W, got: G) => boolean): Pair<W, G>[] {
  if (wants.length === gots.length) return wants.map((want, i) => ({ want, got: gots[i] }))
  const best = longest(wants, gots, same)
  const pairs: Pair<W, G>[] = []
  let i = 0
  let j = 0
  while (i < wants.length || j < gots.length) {
    if (i < wants.length && j < gots.length && same(wants[i], gots[j])) pairs.push({ want: wants[i++], got: gots[j++] })
    else if (j >= gots.length || (i < wants.length && best[i + 1][j] >= best[i][j + 1]))
      pairs.push({ want: wants[i++] })
    else pairs.push({ got: gots[j++] })
  }
  return pairs
}

/** Lengths of the longest common subsequences of all tails. */
function longest<W, G>(wants: readonly W[], gots: readonly G[], same: (want: W, got: G) => boolean): number[][] {
  const best = Array.from({ length: wants.length + 1 }, () => new Array<number>(gots.length + 1).fill(0))
  for (let i = wants.length - 1; i >= 0; i--) {
    for (let j = gots.length - 1; j >= 0; j--) {
      best[i][j] = same(wants[i], gots[j]) ? best[i + 1][j + 1] + 1 : Math.max(best[i + 1][j], best[i][j + 1])
    }
  }
  return best
}
