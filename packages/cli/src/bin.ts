#!/usr/bin/env node
import { fileURLToPath } from 'node:url'
import { refused } from '@netkit/netlink'
import type { Context } from './commands/context.ts'
import { run } from './commands/run.ts'
import { machineFiles } from './files.ts'
import { kernelControl } from './process/client/control.ts'
import { remote } from './process/client/remote.ts'
import { connectOrStart, type StartOptions } from './process/client/start.ts'
import { kernelPaths } from './process/paths.ts'
import {
  interruption,
  isInteractive,
  openScreen,
  outputIsTerminal,
  outputWidth,
  writeError,
  writeOutput,
} from './terminal.ts'
import { VERSION } from './version.ts'

const { env } = process

/** The program of the kernel process, beside this one: of the sources, of what the compiler made, or of the built command. */
function kernelProgram(): string {
  const own = import.meta.url
  const beside = own.endsWith('.cjs') ? './netkit-kernel.cjs' : `./process/main${own.endsWith('.ts') ? '.ts' : '.js'}`
  return fileURLToPath(new URL(beside, own))
}

/** Found out when first needed: most of what can be wrong with the paths does not matter to `netkit help`. */
const startOptions = (): StartOptions => ({ paths: kernelPaths(env), entry: kernelProgram(), env })

const context: Context = {
  async kernel(name) {
    if (name === 'linux') return await (await import('@netkit/linux')).linux()()
    const options = startOptions()
    return (await connectOrStart(options, remote({ socket: options.paths.socket }))).result
  },
  write: writeOutput,
  writeError,
  width: outputWidth(env),
  colors: outputIsTerminal(),
  screen: isInteractive() ? openScreen : undefined,
  env,
  version: VERSION,
  now: Date.now,
  interrupted: interruption(),
  files: machineFiles,
  async machine() {
    const { callerFacts, machineFacts } = await import('@netkit/linux')
    const { platform, architecture, unreachable, nics } = await machineFacts()
    const caller = callerFacts()
    return {
      platform,
      architecture,
      unreachable,
      caller: caller && {
        uid: caller.uid,
        capabilities: caller.capabilities,
        initialUserNamespace: caller.userNamespace.isInitial,
        filtered: caller.seccomp !== 'off',
      },
      drivers: new Map(nics.map((nic) => [nic.name, nic.driver])),
    }
  },
  control: {
    start: (options) => kernelControl(startOptions()).start(options),
    stop: (options) => kernelControl(startOptions()).stop(options),
    status: () => kernelControl(startOptions()).status(),
    log: (options) => kernelControl(startOptions()).log(options),
  },
  async replay(name) {
    if (name === 'embedded') return (await import('./replay-embedded.ts')).embeddedReplay()
    const why = 'recordings name file descriptors, pids and users that a command cannot have on the linux kernel'
    throw refused('replay', 'EOPNOTSUPP', `${why}; npm run test:linux plays them there`)
  },
}

run(process.argv.slice(2), context).then((status) => process.exit(status))
