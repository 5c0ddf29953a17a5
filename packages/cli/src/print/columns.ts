import stringWidth from 'string-width'

export interface Column {
  readonly title: string
  /** Numbers stand at the right. */
  readonly right?: boolean
}

/**
 * A table without borders: columns as wide as their widest cell, two blanks between. Columns that are empty in every row
 * are left out.
 */
export function columns(
  heads: readonly Column[],
  rows: readonly (readonly string[])[],
  head: (text: string) => string = (t) => t,
): string {
  const shown = heads.map((_, i) => i).filter((i) => rows.some((row) => (row[i] ?? '') !== ''))
  const width = new Map(
    shown.map((i) => [i, Math.max(stringWidth(heads[i].title), ...rows.map((row) => stringWidth(row[i] ?? '')))]),
  )
  const line = (cells: readonly string[], paint: (text: string) => string): string =>
    shown
      .map((i, n) => {
        const cell = cells[i] ?? ''
        const fill = ' '.repeat(width.get(i)! - stringWidth(cell))
        if (heads[i].right) return fill + paint(cell)
        return n === shown.length - 1 ? paint(cell) : paint(cell) + fill
      })
      .join('  ')
      .trimEnd()
  return [
    line(
      heads.map((h) => h.title),
      head,
    ),
    ...rows.map((row) => line(row, (t) => t)),
  ]
    .map((l) => `${l}\n`)
    .join('')
}
