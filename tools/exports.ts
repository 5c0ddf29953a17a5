import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/**
 * `npm run exports`, after a build: every file that a package.json promises is there, and every entry point loads in
 * plain Node, without the sources.
 */
const packages = fileURLToPath(new URL('../packages', import.meta.url))

/** All paths in a value of `exports` or `bin`, with the conditions that lead to each. */
const promises = (value: unknown, way: string): { way: string; path: string }[] => {
  if (typeof value === 'string') return [{ way, path: value }]
  return Object.entries(value ?? {}).flatMap(([key, inner]) => promises(inner, `${way} ${key}`))
}

let files = 0
for (const folder of readdirSync(packages)) {
  const manifest = JSON.parse(readFileSync(join(packages, folder, 'package.json'), 'utf8'))
  for (const { way, path } of [...promises(manifest.exports, 'exports'), ...promises(manifest.bin, 'bin')]) {
    const file = join(packages, folder, path)
    const missing = !existsSync(file)
    if (missing) console.error(`packages/${folder}/package.json:1 ${way} promises ${path}, which is not there.`)
    else if (way.startsWith('exports') && path.endsWith('.js')) await import(pathToFileURL(file).href)
    if (missing) process.exitCode = 1
    files++
  }
}
console.log(`exports: ${files} promised files looked at`)
