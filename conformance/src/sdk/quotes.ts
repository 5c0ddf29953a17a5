/** The code between `// #region NAME` and `// #endregion`, without the indentation that all its lines share. */
export function regionsOf(code: string): Map<string, string> {
  const regions = new Map<string, string>()
  for (const [, name, body] of code.matchAll(/\/\/ #region (\S+)\n([\s\S]*?)\n *\/\/ #endregion/g)) {
    const lines = body.split('\n')
    const indents = lines.filter((line) => line.trim() !== '').map((line) => line.length - line.trimStart().length)
    const indent = Math.min(...indents)
    regions.set(name, lines.map((line) => line.slice(indent)).join('\n'))
  }
  return regions
}

const MARK = /<!-- snippet: (\S+) -->\n\n(?:```ts\n[\s\S]*?\n```\n\n)?/g

/** The names of the snippets that a page quotes. */
export const quotedIn = (page: string): string[] => [...page.matchAll(MARK)].map(([, name]) => name)

/** The page with each snippet as the code has it now. */
export function withQuotes(page: string, regions: ReadonlyMap<string, string>): string {
  return page.replace(MARK, (_, name: string) => {
    const code = regions.get(name)
    if (code === undefined) throw new Error(`the page quotes ${name}, which is no region of the code`)
    return `<!-- snippet: ${name} -->\n\n\`\`\`ts\n${code}\n\`\`\`\n\n`
  })
}
