import { type Expression, type NewExpression, parseSync, Visitor } from 'oxc-parser'

/** One place where a file reaches for another: every way of importing that there is, types and workers included. */
export interface Import {
  readonly kind: 'import' | 'reference'
  /** `undefined` where the name is computed, so that nobody can tell. */
  readonly specifier: string | undefined
  /** From 1. */
  readonly line: number
}

/** The imports of a source text, in order, or what the parser objects to. */
export const importsOf = (path: string, text: string): { imports: Import[]; errors: string[] } => {
  const { program, comments, errors } = parseSync(path, text)
  const imports: Import[] = []
  const lineAt = lines(text)
  const add = (specifier: string | undefined, at: number, kind: Import['kind'] = 'import') =>
    imports.push({ kind, specifier, line: lineAt(at) })

  for (const { value, start } of comments) {
    const directive = /^\/\s*<reference\s+(?:types|path|lib)="([^"]*)"/.exec(value)
    if (directive) add(directive[1], start, 'reference')
  }
  new Visitor({
    ImportDeclaration: (node) => add(node.source.value, node.start),
    ExportAllDeclaration: (node) => add(node.source.value, node.start),
    ExportNamedDeclaration: (node) => {
      if (node.source) add(node.source.value, node.start)
    },
    ImportExpression: (node) => add(constant(node.source), node.start),
    TSImportType: (node) => add(node.source.value, node.start),
    TSExternalModuleReference: (node) => add(node.expression.value, node.start),
    TSModuleDeclaration: (node) => {
      if (node.id.type === 'Literal') add(node.id.value, node.start)
    },
    CallExpression: (node) => {
      const [first] = node.arguments
      const loads =
        (node.callee.type === 'Identifier' && node.callee.name === 'require') ||
        (isImportMeta(node.callee, 'resolve') && first !== undefined)
      if (loads) add(first && first.type !== 'SpreadElement' ? constant(first) : undefined, node.start)
    },
    NewExpression: (node) => {
      const module = moduleUrl(node)
      if (module) add(module, node.start)
    },
  }).visit(program)
  return { imports, errors: errors.map((error) => error.message) }
}

/** What `new URL('./worker.ts', import.meta.url)` names, if it is code; files of data are not imports. */
const moduleUrl = (node: NewExpression): string | undefined => {
  if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL') return
  const [first, base] = node.arguments
  if (!first || !base || first.type === 'SpreadElement' || base.type === 'SpreadElement') return
  const name = constant(first)
  return name && isImportMeta(base, 'url') && /\.[cm]?[jt]s$/.test(name) ? name : undefined
}

const isImportMeta = (node: Expression, property: string): boolean =>
  node.type === 'MemberExpression' &&
  node.object.type === 'MetaProperty' &&
  node.property.type === 'Identifier' &&
  node.property.name === property

const constant = (node: Expression): string | undefined => {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  if (node.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? undefined
  return
}

/** A function from offsets, asked in any order, to lines. */
const lines = (text: string) => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset: number): number => {
    let low = 0
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1
      if (starts[middle]! <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
