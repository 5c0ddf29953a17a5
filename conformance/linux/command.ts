import { type ChildProcess, execFile, spawn } from 'node:child_process'

/** The built command, for tests in the guest. */
const COMMAND = process.env.NETKIT_COMMAND ?? ''
const ON_LINUX = [COMMAND, '--kernel', 'linux']

export interface Outcome {
  readonly status: number
  readonly out: string
  readonly err: string
}

export const run = (program: string, ...words: string[]): Promise<Outcome> =>
  new Promise((resolve) => {
    execFile(program, words, (error, out, err) => resolve({ status: Number(error?.code ?? 0), out, err }))
  })

/** The command on the machine's kernel, to its end. */
export const netkit = (...words: string[]): Promise<Outcome> => run(process.execPath, ...ON_LINUX, ...words)

/** The same, as it runs. */
export const startNetkit = (...words: string[]): ChildProcess =>
  spawn(process.execPath, [...ON_LINUX, ...words], { stdio: ['ignore', 'pipe', 'inherit'] })
