import { printable } from './printable.ts'

export interface Column {
  readonly title: string
  /** Numbers stand at the right. */
  readonly right?: boolean
}

/** How many columns of a terminal a text takes. */
type Width = (text: string) => number

/**
 * Columns that text takes, for these cells. Only names in other scripts need the tables that know wide characters, and
 * those take longer to load than most commands take.
 */
export async function widthFor(rows: readonly (readonly string[])[]): Promise<Width> {
  const plain = rows.every((row) => row.every((cell) => /^[ -~]*$/.test(cell)))
  return plain ? (text) => text.length : (await import('string-width')).default
}

/**
 * A table without borders: columns as wide as their widest cell, two blanks between. Columns that are empty in every row
 * are left out.
 */
export function columns(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  width: Width,
  head: (text: string) => string = (text) => text,
): string {
  const shown = heads.map((_, i) => i).filter((i) => rows.some((row) => (row[i] ?? '') !== ''))
  const widths = new Map(
    shown.map((i) => [i, Math.max(width(heads[i].title), ...rows.map((row) => width(printable(row[i] ?? ''))))]),
  )
  const line = (cells: readonly string[], paint: (text: string) => string): string =>
    shown
      .map((i, n) => {
        const cell = printable(cells[i] ?? '')
        const fill = ' '.repeat(widths.get(i)! - width(cell))
        if (heads[i].right) return fill + paint(cell)
        return n === shown.length - 1 ? paint(cell) : paint(cell) + fill
      })
      .join('  ')
      .trimEnd()
  const titles = line(
    heads.map((h) => h.title),
    head,
  )
  return [titles, ...rows.map((row) => line(row, (text) => text))].map((l) => `${l}\n`).join('')
}
