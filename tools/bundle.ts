import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { TABLE } from './layers/table.ts'
import { codeFiles } from './layers/tree.ts'

/**
 * `npm run bundle`: what must run anywhere bundles for a browser, from its sources, with nothing of Node's left in it.
 * The rows of the import table say what that is.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const code = codeFiles(root, 'packages')

for (const row of TABLE) {
  if (row.runs !== 'anywhere' || row.test) continue
  const files = code.filter((file) => TABLE.find(({ files }) => files.test(file)) === row)
  if (files.length === 0) continue
  const bundled = await build({
    stdin: { contents: files.map((file, i) => `export * as m${i} from './${file}'`).join('\n'), resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2023',
    conditions: ['source'],
    minify: true,
    logLevel: 'error',
  }).catch(() => undefined) // esbuild has told why
  if (!bundled) {
    console.error(`bundle: ${row.name}: does not bundle for a browser`)
    process.exitCode = 1
    continue
  }
  const kilobytes = (bundled.outputFiles[0]!.contents.length / 1000).toFixed(0)
  console.log(`bundle: ${row.name}: ${files.length} files, ${kilobytes} kB for a browser`)
}
