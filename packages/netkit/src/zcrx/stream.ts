/** Bytes in the area. */
export interface Piece {
  readonly offset: number
  readonly length: number
}

/** What was received of one stream and is not read yet. */
export class ZcrxStream {
  /** What its last completion said; undefined while there may be more. */
  result: number | undefined
  readonly #pieces: Piece[] = []

  get waiting(): number {
    return this.#pieces.length
  }

  push(offset: number, length: number): void {
    this.#pieces.push({ offset, length })
  }

  shift(): Piece {
    return this.#pieces.shift() as Piece
  }
}
