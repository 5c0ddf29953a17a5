import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from 'node:fs'

const POLL_MS = 200
const CHUNK = 65_536

const readIfAny = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Waits, or until aborted. */
const pause = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(done, ms)
    function done(): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
  })

/** Reads a file as it grows, and the one that takes its place when it is full. */
class Follower {
  readonly #path: string
  #fd: number | undefined
  #inode = 0
  #at = 0
  #rest = ''
  readonly #decoder = new TextDecoder()

  constructor(path: string) {
    this.#path = path
  }

  #openIfAny(): boolean {
    try {
      this.#fd = openSync(this.#path, 'r')
      this.#inode = fstatSync(this.#fd).ino
      this.#at = 0
      return true
    } catch {
      return false
    }
  }

  skipTo(bytes: number): void {
    if (this.#fd !== undefined || this.#openIfAny()) this.#at = bytes
  }

  /** The lines that are new. */
  lines(): string[] {
    let text = this.#rest + this.#more()
    // What is left of the file that was put aside has been read; now for its successor.
    if (this.#fd !== undefined && statSync(this.#path, { throwIfNoEntry: false })?.ino !== this.#inode) {
      closeSync(this.#fd)
      this.#fd = undefined
      text += this.#more()
    }
    const lines = text.split('\n')
    this.#rest = lines.pop() ?? ''
    return lines
  }

  #more(): string {
    if (this.#fd === undefined && !this.#openIfAny()) return ''
    const buffer = new Uint8Array(CHUNK)
    let text = ''
    while (true) {
      const n = readSync(this.#fd!, buffer, 0, CHUNK, this.#at)
      if (n === 0) return text
      this.#at += n
      text += this.#decoder.decode(buffer.subarray(0, n), { stream: true })
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd)
  }
}

/** The lines of a log and of the part before it, oldest first; then, with `follow`, those that come, until aborted. */
export async function* readLog(
  path: string,
  { lines, follow }: { readonly lines?: number; readonly follow?: AbortSignal },
): AsyncIterable<string> {
  const now = readIfAny(path)
  const all = (readIfAny(`${path}.1`) + now).split('\n').filter((line) => line !== '')
  yield* lines === undefined ? all : all.slice(Math.max(0, all.length - lines))
  if (!follow) return
  const follower = new Follower(path)
  follower.skipTo(Buffer.byteLength(now))
  try {
    while (!follow.aborted) {
      yield* follower.lines()
      await pause(POLL_MS, follow)
    }
  } finally {
    follower.close()
  }
}
