import type { Device } from '../../net/device.ts'

/** A fragment that waits: the packet, where its payload begins in it, and which bytes of the whole that is. */
export interface Piece {
  readonly handle: number
  readonly payload: number
  readonly from: number
  readonly to: number
}

export const TAKEN = 0
/** It was there already, or says nothing. */
export const DUPLICATE = 1
/** It contradicts others, so that nothing of the packet can be trusted. */
export const SPOILT = 2

/** The fragments of one packet. Source: RFC 791 §3.2, RFC 8200 §4.5, RFC 5722; what Linux does with overlaps. */
export class FragmentQueue {
  /** In the order of their bytes, without overlaps. */
  readonly pieces: Piece[] = []
  /** Where the whole ends as far as is known, and whether that is its end. */
  end = 0
  closed = false
  /** Bytes that are there. */
  have = 0
  /** Packet memory that they take. */
  memory = 0
  /** Value that the fragments' ECN bits add up to, one bit for each. */
  ecn = 0
  /** Length of the longest fragment, and of the longest with DF. */
  longest = 0
  longestWhole = 0
  timer: { cancel(): void } | undefined
  /** Of the fragment that came last. */
  dev: Device
  /** How many fragments of its sender there were when its last one came. */
  order = 0

  constructor(dev: Device) {
    this.dev = dev
  }

  get complete(): boolean {
    return this.closed && this.have === this.end
  }

  get first(): Piece | undefined {
    const [piece] = this.pieces
    return piece?.from === 0 ? piece : undefined
  }

  /** Enters a fragment that is not the whole. `more`: others follow it. */
  add(piece: Piece, more: boolean): typeof TAKEN | typeof DUPLICATE | typeof SPOILT {
    const { from, to } = piece
    if (more ? to > this.end && this.closed : to < this.end || (this.closed && to !== this.end)) return SPOILT
    if (from === to) return SPOILT
    const at = this.#place(from)
    const before = this.pieces[at - 1]
    const after = this.pieces[at]
    if ((before && before.to > from) || (after && after.from < to)) return this.#known(from, to) ? DUPLICATE : SPOILT
    if (!more) this.closed = true
    if (to > this.end) this.end = to
    this.pieces.splice(at, 0, piece)
    this.have += to - from
    return TAKEN
  }

  /** Where a piece that begins at `from` belongs. */
  #place(from: number): number {
    let at = this.pieces.length
    while (at > 0 && this.pieces[at - 1].from >= from) at--
    return at
  }

  /** Whether all these bytes are there without a gap. */
  #known(from: number, to: number): boolean {
    let reached = from
    for (const piece of this.pieces) {
      if (piece.from > reached) break
      if (piece.to > reached) reached = piece.to
    }
    return reached >= to && this.pieces.some((piece) => piece.from <= from)
  }
}
