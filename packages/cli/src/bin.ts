#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import type { Context } from './commands/context.ts'
import { run } from './commands/run.ts'
import { machineFiles } from './files.ts'
import { kernelControl } from './process/client/control.ts'
import { remote } from './process/client/remote.ts'
import { connectOrStart, type StartOptions } from './process/client/start.ts'
import { kernelPaths } from './process/paths.ts'
import { interruption, outputIsTerminal, outputWidth, writeError, writeOutput } from './terminal.ts'
import { VERSION } from './version.ts'

const { env } = process

/** Found out when first needed: most of what can be wrong with the paths does not matter to `netkit help`. */
function startOptions(): StartOptions {
  const own = import.meta.url
  const entry = fileURLToPath(new URL(own.endsWith('.ts') ? './process/main.ts' : './process/main.js', own))
  return { paths: kernelPaths(env), entry, env }
}

const context: Context = {
  async kernel() {
    const options = startOptions()
    return (await connectOrStart(options, remote({ socket: options.paths.socket }))).result
  },
  write: writeOutput,
  writeError,
  width: outputWidth(env),
  colors: outputIsTerminal(),
  env,
  version: VERSION,
  now: Date.now,
  interrupted: interruption(),
  files: machineFiles,
  control: {
    start: () => kernelControl(startOptions()).start(),
    stop: (options) => kernelControl(startOptions()).stop(options),
    status: () => kernelControl(startOptions()).status(),
    log: (options) => kernelControl(startOptions()).log(options),
  },
  replay: async () => (await import('./replay-embedded.ts')).embeddedReplay(),
}

process.exit(await run(process.argv.slice(2), context))
