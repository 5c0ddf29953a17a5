import { writeSync } from 'node:fs'
import { isatty } from 'node:tty'
import type { Screen } from './commands/context.ts'

const STDIN = 0
const STDOUT = 1
const STDERR = 2
/** What a shell makes of a program that ended because nobody read its output any more. */
const BROKEN_PIPE_STATUS = 141

const wait = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Writes all of it before it returns: nothing is lost when the process ends right after. */
function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(BROKEN_PIPE_STATUS)
      // Somebody made the pipe or terminal non-blocking, and it is full.
      if (code !== 'EAGAIN') throw error
      wait(1)
    }
  }
}

export const writeOutput = (bytes: Uint8Array | string): void =>
  writeAll(STDOUT, typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
export const writeError = (text: string): void => writeAll(STDERR, Buffer.from(text))

export const outputIsTerminal = (): boolean => isatty(STDOUT)

/** Columns of the terminal, or of what COLUMNS says there is; undefined if nothing does. */
export function outputWidth(env: NodeJS.ProcessEnv): number | undefined {
  const columns = outputIsTerminal() ? process.stdout.columns : Number(env.COLUMNS)
  return columns > 0 ? columns : undefined
}

/** Keys that came together: each a character, or a sequence that begins with escape. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send it
const KEYS = /\u001b[[O][\d;]*[A-Za-z~]|./gsu

/** Whether somebody sits at it: output is seen, and keys can be pressed. */
export const isInteractive = (): boolean => isatty(STDIN) && isatty(STDOUT)

/** The terminal, keys coming one by one. Ctrl-C is a key then, too. */
export function openScreen(): Screen {
  const { stdin, stdout } = process
  let pressed: (key: string) => void = () => undefined
  const onKey = (bytes: Buffer) => {
    for (const [key] of bytes.toString('utf8').matchAll(KEYS)) pressed(key)
  }
  const onResize = () => pressed('')
  stdin.setRawMode(true)
  stdin.on('data', onKey)
  stdout.on('resize', onResize)
  return {
    get columns() {
      return stdout.columns
    },
    get rows() {
      return stdout.rows
    },
    listen(to) {
      pressed = to
    },
    close() {
      stdin.off('data', onKey)
      stdout.off('resize', onResize)
      stdin.setRawMode(false)
      stdin.pause()
    },
  }
}

/** Aborted when the user interrupts or the machine asks to end; the second time the process ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + number)
      controller.abort()
    })
  }
  return controller.signal
}
