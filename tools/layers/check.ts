import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, posix } from 'node:path'
import { type Edge, folderCycles } from './cycles.ts'
import { importsOf } from './imports.ts'
import { type Row, runsIn, TABLE } from './table.ts'
import { codeFiles, type Package, packagesOf } from './tree.ts'

/** Something that breaks the table, in one sentence that starts at the file. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly says: string
}

export const show = ({ file, line, says }: Finding): string => `${file}:${line} ${says}`

interface Place {
  readonly file: string
  readonly row: Row
  readonly packages: readonly Package[]
}

/** Walks the repository at `root` and tells all that breaks the table. */
export const check = (root: string): Finding[] => {
  const packages = packagesOf(root)
  const files = codeFiles(root)
  const findings: Finding[] = packages.flatMap((one) => declared(one, files))
  const edges = new Map<string, Edge[]>() // by the folder of the package
  for (const file of files) {
    const row = rowOf(file)
    if (!row) {
      findings.push({ file, line: 1, says: 'belongs to no row of tools/layers/table.ts.' })
      continue
    }
    const { imports, errors } = importsOf(file, readFileSync(join(root, file), 'utf8'))
    for (const error of errors) findings.push({ file, line: 1, says: `cannot be parsed: ${error}.` })
    for (const { specifier, kind, line } of imports) {
      const says = kind === 'reference' ? refuseReference(row, file) : refuse({ file, row, packages }, specifier)
      if (says) findings.push({ file, line, says })
      const home = homeOf(packages, file)
      if (specifier?.startsWith('.') && home && !row.test) {
        const list = edges.get(home.folder) ?? []
        edges.set(home.folder, list)
        list.push({ from: file, to: resolve(file, specifier), line })
      }
    }
  }
  for (const [folder, list] of edges) findings.push(...folderCycles(`${folder}/src`, list))
  return findings
}

/** Why this import is not allowed here, or nothing. */
const refuse = (place: Place, specifier: string | undefined): string | undefined => {
  const { file, row, packages } = place
  if (specifier === undefined) {
    return row.test || row.may === 'every package'
      ? undefined
      : 'imports by a computed name, which no check can follow.'
  }
  if (specifier.startsWith('.') || specifier.startsWith('/')) return refuseRelative(place, specifier)
  if (isBuiltin(specifier)) {
    return runsIn(row, file) === 'node'
      ? undefined
      : `imports ${specifier}, but ${row.name} must run anywhere, without Node.`
  }
  const name = packageName(specifier)
  const target = packages.find((each) => each.name === name)
  return target ? refusePackage(place, target, specifier) : refuseLibrary(row, name)
}

const refuseRelative = ({ file, row, packages }: Place, specifier: string): string | undefined => {
  const target = resolve(file, specifier)
  const home = homeOf(packages, file)
  const other = homeOf(packages, target)
  if (home !== other) {
    if (other) return `reaches into ${other.folder} with ${specifier}; import ${other.name} by name.`
    return `reaches out of ${home?.folder} with ${specifier}.`
  }
  const targetRow = rowOf(target)
  if (targetRow?.test && !row.test) return `imports the test ${target}.`
  if (runsIn(row, file) === 'anywhere' && targetRow?.runs === 'node') {
    return `imports ${target}, which needs Node, but ${row.name} must run anywhere.`
  }
  return
}

const refusePackage = ({ file, row, packages }: Place, target: Package, specifier: string): string | undefined => {
  if (target === homeOf(packages, file) && !row.test) return `imports its own package ${target.name} by name.`
  if (row.may !== 'every package' && !row.may.includes(target.name)) {
    return `imports ${target.name}, but ${row.name} may import ${listed(row.may, 'no package')}.`
  }
  const entry = `.${specifier.slice(target.name.length)}`
  if (target.entries.some((known) => entryMatches(known, entry))) return
  return `imports ${specifier}, which the exports of ${target.name} do not list.`
}

const refuseLibrary = ({ libraries, name: row }: Row, name: string): string | undefined => {
  if (libraries === 'every library' || libraries.includes(name)) return
  return `imports ${name}, but ${row} may use ${listed(libraries, 'no library')}.`
}

const refuseReference = (row: Row, file: string): string | undefined =>
  runsIn(row, file) === 'anywhere'
    ? 'pulls in types by a reference directive, which hides Node from the compiler.'
    : undefined

/** What a package.json asks for is held against the rows of the package and of parts of it, too. */
const declared = ({ name, folder, dependencies }: Package, files: readonly string[]): Finding[] => {
  const code = [`${folder}/src/any.ts`, ...files.filter((file) => file.startsWith(`${folder}/src/`))]
  const rows = TABLE.filter((row) => !row.test && code.some((file) => row.files.test(file)))
  return dependencies.flatMap((dependency) => {
    const allowed = rows.some(
      ({ may, libraries }) =>
        may === 'every package' || libraries === 'every library' || [...may, ...libraries].includes(dependency),
    )
    if (allowed) return []
    return [
      { file: `${folder}/package.json`, line: 1, says: `declares ${dependency}, which no row lets ${name} import.` },
    ]
  })
}

const rowOf = (file: string): Row | undefined => TABLE.find(({ files }) => files.test(file))

const homeOf = (packages: readonly Package[], file: string): Package | undefined =>
  packages.find(({ folder }) => file.startsWith(`${folder}/`))

/** The file that a relative import means; a compiled name stands for its source. */
const resolve = (file: string, specifier: string): string =>
  posix.join(posix.dirname(file), specifier).replace(/\.([cm]?)js$/, '.$1ts')

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

const entryMatches = (known: string, entry: string): boolean => {
  const [before = '', after] = known.split('*')
  if (after === undefined) return known === entry
  return entry.length > known.length - 1 && entry.startsWith(before) && entry.endsWith(after)
}

const listed = (names: readonly string[], none: string): string =>
  names.length > 0 ? `only ${names.join(', ')}` : none
