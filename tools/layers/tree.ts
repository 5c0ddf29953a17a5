import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A package of this repository, as its package.json presents it. */
export interface Package {
  readonly name: string
  /** From the root of the repository, such as `packages/kernel`. */
  readonly folder: string
  /** The entry points that others may import: `.`, `./testing`, `./families/*`. */
  readonly entries: readonly string[]
  readonly dependencies: readonly string[]
}

const SKIPPED = new Set(['node_modules', 'dist', 'coverage', 'demo-out'])
const CODE = /\.[cm]?[jt]sx?$/

/** Every file of code under a folder, as paths from it with `/`, sorted. */
export const codeFiles = (root: string, folder = ''): string[] =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = folder ? `${folder}/${entry.name}` : entry.name
      if (entry.name.startsWith('.') || SKIPPED.has(entry.name)) return []
      if (entry.isDirectory()) return codeFiles(root, path)
      return CODE.test(entry.name) ? [path] : []
    })

/** The packages below `packages/`, and `conformance`. */
export const packagesOf = (root: string): Package[] => {
  const under = join(root, 'packages')
  const folders = existsSync(under) ? readdirSync(under).map((name) => `packages/${name}`) : []
  return [...folders, 'conformance'].flatMap((folder) => {
    const file = join(root, folder, 'package.json')
    if (!existsSync(file)) return []
    const { name, exports = {}, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'))
    const entries = typeof exports === 'string' ? ['.'] : Object.keys(exports)
    return [{ name, folder, entries, dependencies: Object.keys(dependencies) }]
  })
}
