const ESC = '\u001b['
/** A screen of its own, so that what was there is there again afterwards; no cursor. */
const ENTER = `${ESC}?1049h${ESC}?25l${ESC}2J`
const LEAVE = `${ESC}?25h${ESC}?1049l`
/** Terminals that know these show all that is between at once. */
const BEGIN = `${ESC}?2026h`
const END = `${ESC}?2026l`
const CLEAR_REST = `${ESC}K`
const CLEAR_ALL = `${ESC}2J`

/** Draws lines on a terminal: only those that have changed are written, so that nothing flickers. */
export class Drawing {
  readonly #write: (text: string) => void | Promise<void>
  #shown: readonly string[] = []
  #columns = 0

  constructor(write: (text: string) => void | Promise<void>) {
    this.#write = write
  }

  async begin(): Promise<void> {
    await this.#write(ENTER)
  }

  async end(): Promise<void> {
    await this.#write(LEAVE)
  }

  async draw(lines: readonly string[], columns: number): Promise<void> {
    const anew = columns !== this.#columns || lines.length !== this.#shown.length
    const changed = lines.flatMap((line, i) =>
      anew || line !== this.#shown[i] ? [`${ESC}${i + 1};1H${line}${CLEAR_REST}`] : [],
    )
    this.#shown = lines
    this.#columns = columns
    if (changed.length > 0) await this.#write(`${BEGIN}${anew ? CLEAR_ALL : ''}${changed.join('')}${END}`)
  }
}
