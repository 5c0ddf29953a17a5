import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { KernelDoors } from '@netkit/netlink'
import type { KernelControl } from '../../commands/context.ts'
import { kernelControl } from '../client/control.ts'
import { type RemoteOptions, remote } from '../client/remote.ts'
import { connectOrStart, type StartOptions } from '../client/start.ts'
import { type KernelPaths, kernelPaths, lockFile } from '../paths.ts'

const require = createRequire(import.meta.url)
const main = fileURLToPath(new URL('../main.ts', import.meta.url))
const cli = fileURLToPath(new URL('../../..', import.meta.url))

const cache = join(cli, 'node_modules', '.cache', 'kernel-process')

const runs = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** The program of the kernel process, made from its sources as a build makes it, once for the tests of a file. */
function buildProgram(): string {
  mkdirSync(cache, { recursive: true })
  // Test runners end without a word: what they left is taken away by those that come later.
  for (const name of readdirSync(cache)) {
    if (!runs(Number.parseInt(name, 10))) rmSync(join(cache, name), { recursive: true, force: true })
  }
  const entry = join(mkdtempSync(join(cache, `${process.pid}-`)), 'main.mjs')
  const options = [
    '--bundle',
    '--format=esm',
    '--platform=node',
    '--conditions=source',
    '--external:koffi',
    '--external:pino',
    '--log-level=error',
  ]
  execFileSync(require.resolve('esbuild/bin/esbuild'), [main, `--outfile=${entry}`, ...options])
  return entry
}

const entry = buildProgram()

/** A kernel process of its own for a test, with its files in a folder of their own. */
export class TestKernel implements AsyncDisposable {
  readonly paths: KernelPaths
  readonly options: StartOptions
  readonly control: KernelControl

  constructor(env: Readonly<Record<string, string>> = {}) {
    const state = mkdtempSync(join(tmpdir(), 'netkit-'))
    this.paths = kernelPaths({ NETKIT_STATE: state })
    this.options = { paths: this.paths, entry, execArgv: [], env: { ...process.env, ...env } }
    this.control = kernelControl(this.options)
  }

  /** A client; starts the process unless it runs. */
  async connect(options: Omit<RemoteOptions, 'socket'> = {}): Promise<KernelDoors> {
    return (await connectOrStart(this.options, remote({ socket: this.paths.socket, ...options }))).result
  }

  /** Pid of whoever has the lock, or had it last. */
  get pid(): number {
    return Number.parseInt(readFileSync(lockFile(this.paths), 'utf8'), 10)
  }

  /** Ends the process as a crash of the machine's memory would: it can do nothing about it. Resolves when it is gone. */
  async kill(): Promise<void> {
    const { pid } = this
    process.kill(pid, 'SIGKILL')
    await gone(pid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.control.stop()
    rmSync(this.paths.state, { recursive: true, force: true })
  }
}

/** Resolves when there is no process with this pid, or only what its parent has not looked at. */
async function gone(pid: number): Promise<void> {
  while (true) {
    try {
      process.kill(pid, 0)
      if (/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return
    } catch {
      return
    }
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
