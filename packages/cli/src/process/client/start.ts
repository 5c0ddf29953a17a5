import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { type KernelPaths, logFile, socketDirectory } from '../paths.ts'
import { checkPrivate, makePrivate } from '../private-directory.ts'
import { isNobodyThere } from './connection.ts'

/** How a kernel process is started. */
export interface StartOptions {
  readonly paths: KernelPaths
  /** File with the program of the kernel process. */
  readonly entry: string
  /** Options of the JavaScript engine. Default: those of this process. */
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What a starting kernel process says on descriptor 3, as one line of JSON. */
export type Verdict = { readonly ready: true } | { readonly running: true } | { readonly error: string }

const PATIENCE_MS = 60_000
const MOMENT_MS = 10

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

/** Starts a kernel process unless one runs, and waits until it listens. Resolves to whether it was this one. */
export async function startKernel({ paths, entry, execArgv, env = process.env }: StartOptions): Promise<boolean> {
  makePrivate(paths.state)
  makePrivate(socketDirectory(paths))
  // What the engine itself says when it ends badly goes to the log.
  const log = openSync(logFile(paths), 'a', 0o600)
  const child = spawn(process.execPath, [...(execArgv ?? process.execArgv), entry], {
    detached: true,
    cwd: '/',
    env: { ...env, NETKIT_SOCKET: paths.socket, NETKIT_STATE: paths.state },
    stdio: ['ignore', 'ignore', log, 'pipe'],
  })
  closeSync(log)
  const said = await new Promise<string>((resolve, reject) => {
    let text = ''
    const pipe = child.stdio[3]!
    pipe.on('data', (chunk) => {
      text += String(chunk)
    })
    pipe.on('error', reject)
    pipe.on('end', () => resolve(text))
    child.on('error', reject)
  })
  child.unref()
  return understand(said, logFile(paths))
}

function understand(said: string, log: string): boolean {
  if (said === '') throw new Error(`the kernel process ended while it started: see ${log}`)
  const verdict = JSON.parse(said) as Verdict
  if ('error' in verdict) throw new Error(`the kernel process does not start: ${verdict.error}`)
  return 'ready' in verdict
}

/** Calls `connect`, starting a kernel process if there is none. `started`: whether that was needed. */
export async function connectOrStart<T>(
  options: StartOptions,
  connect: () => Promise<T>,
): Promise<{ readonly result: T; readonly started: boolean }> {
  const until = performance.now() + PATIENCE_MS
  let started = false
  while (true) {
    try {
      checkPrivate(socketDirectory(options.paths))
      return { result: await connect(), started }
    } catch (error) {
      // Too many connect at once: the queue of the socket is full for a moment.
      const busy = (error as NodeJS.ErrnoException | null)?.code === 'EAGAIN'
      if ((!busy && !isNobodyThere(error)) || performance.now() > until) throw error
      if (busy) await pause(MOMENT_MS)
      else if (await startKernel(options)) started = true
    }
  }
}
