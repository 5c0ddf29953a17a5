/** What a figure is held against: at most, or at least. */
export interface Target {
  readonly max?: number
  readonly min?: number
}

/** The same thing done by the machine's own kernel, measured in turns with ours. */
export interface PeerFigure {
  readonly what: string
  readonly rounds: readonly number[]
}

/** One measured thing: the rounds of one process, in `unit` per operation. */
export interface Figure {
  readonly what: string
  readonly unit: string
  readonly rounds: readonly number[]
  readonly target?: Target
  readonly peer?: PeerFigure
  /** Held against peer ÷ ours: how many times as fast, or as small, we must be. */
  readonly ratio?: Target
  /** Held against another figure of the same suite: ours ÷ that one. */
  readonly against?: { readonly what: string } & Target
  /** How it was measured, where the name does not say it; or why it was not. */
  readonly note?: string
}

/** The middle one of some numbers; the mean of the two middle ones where there is none. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b)
  const mid = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2
}

export const meets = (value: number, { max, min }: Target): boolean =>
  (max === undefined || value <= max) && (min === undefined || value >= min)
