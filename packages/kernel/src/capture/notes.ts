import { DROP_NAMES } from '../packet/drop-reason.ts'
import { commentOption } from '../wire/pcap/pcapng-options.ts'

/** Note 0: no comment. */
export const NO_NOTE = 0

/** Comments that packets get in captures, by number: made once, so that a packet's way only carries an integer. */
export class CaptureNotes {
  private readonly numbers = new Map<string, number>()
  private readonly options: (Int32Array | undefined)[] = [undefined]
  private readonly drops = new Int32Array(DROP_NAMES.length)

  /** Number of a text, e.g. `policy: blackhole`. */
  note(text: string): number {
    const known = this.numbers.get(text)
    if (known !== undefined) return known
    const number = this.options.length
    this.numbers.set(text, number)
    this.options.push(commentOption(text))
    return number
  }

  /** Number of the comment for a drop. Allocates nothing after the first time. */
  drop(reason: number): number {
    if (this.drops[reason] === 0) this.drops[reason] = this.note(`drop reason: ${DROP_NAMES[reason]}`)
    return this.drops[reason]
  }

  /** The prepared comment; undefined for NO_NOTE. */
  option(note: number): Int32Array | undefined {
    return this.options[note]
  }
}
