/** Breaks text at blanks into lines of at most `width` characters; what has no blank stays whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  lines.push(line)
  return lines
}

/** Pieces that are not broken inside, side by side; further lines are indented. */
export function fill(pieces: readonly string[], width: number, indent: number): string {
  const pad = ' '.repeat(indent)
  const lines: string[] = []
  let line = ''
  for (const piece of pieces) {
    if (line !== '' && line.length + 1 + piece.length > width) {
      lines.push(line)
      line = pad + piece
    } else line = line === '' ? piece : `${line} ${piece}`
  }
  lines.push(line)
  return lines.join('\n')
}

/** Two columns: terms, and what they mean, wrapped beside them. */
export function definitions(
  rows: readonly (readonly [term: string, meaning: string])[],
  width: number,
  indent = 2,
): string {
  const longest = Math.max(...rows.map(([term]) => term.length).filter((n) => n <= 30), 8)
  const column = indent + longest + 2
  const pad = ' '.repeat(column)
  return rows
    .map(([term, meaning]) => {
      const lines = wrap(meaning, Math.max(width - column, 24))
      const first = `${' '.repeat(indent)}${term}`
      const head = first.length > column - 2 ? `${first}\n${pad}` : first.padEnd(column)
      return `${head}${lines.join(`\n${pad}`)}\n`
    })
    .join('')
}
