import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type BuildOptions, build, type Plugin } from 'esbuild'

/**
 * `npm run command [FOLDER]`: the command and the kernel process as one file each, from their sources. A command that reads
 * one file of CommonJS starts in a third of the time, on top of Node's own, of one that reads two hundred modules.
 */
const root = fileURLToPath(new URL('..', import.meta.url))
const source = join(root, 'packages/cli/src')
const target = process.argv[2] ?? join(root, 'packages/cli/dist')

/** What most commands never need stays in a file of its own. */
const APART: Readonly<Record<string, string>> = {
  'replay-embedded.ts': 'netkit-replay.cjs',
  'document.ts': 'netkit-state.cjs',
}
const apart: Plugin = {
  name: 'apart',
  setup({ onResolve }) {
    onResolve({ filter: /\/(replay-embedded|document)\.ts$/ }, ({ kind, path }) =>
      kind === 'dynamic-import' ? { path: `./${APART[basename(path)]}`, external: true } : undefined,
    )
  },
}

const common: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  conditions: ['source'],
  minify: true,
  legalComments: 'none',
  logLevel: 'error',
  define: { 'import.meta.url': 'ownUrl' },
  banner: { js: "const ownUrl=require('node:url').pathToFileURL(__filename).href;" },
  // What has a binary, and what only the kernel process reads and is made for require().
  external: ['koffi', 'pino'],
  // What is imported when needed is required: code that comes out of V8's cache cannot import.
  supported: { 'dynamic-import': false },
  plugins: [apart],
}

const ENTRIES: Readonly<Record<string, string>> = {
  'netkit.cjs': 'bin.ts',
  'netkit-kernel.cjs': 'process/main.ts',
  'netkit-replay.cjs': 'replay-embedded.ts',
  'netkit-state.cjs': 'commands/state/document.ts',
}

for (const [file, entry] of Object.entries(ENTRIES)) {
  rmSync(join(target, file), { force: true })
  await build({ ...common, entryPoints: [join(source, entry)], outfile: join(target, file) })
}

// What V8 made of the command while it said its help is kept beside it.
if (process.argv[2] === undefined) {
  const command = join(root, 'packages/cli/bin/netkit.cjs')
  rmSync(join(target, 'netkit.cjs.cache'), { force: true })
  execFileSync(process.execPath, [command, 'help', 'link', 'set'], {
    env: { ...process.env, NETKIT_WRITE_CACHE: '1' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}
