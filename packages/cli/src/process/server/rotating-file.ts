import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

/** A file to append lines to that never grows beyond `maxBytes`: when full it becomes `FILE.1`, replacing the one before. */
export class RotatingFile {
  readonly #path: string
  readonly #maxBytes: number
  #fd: number
  #size: number

  constructor(path: string, maxBytes: number) {
    this.#path = path
    this.#maxBytes = maxBytes
    this.#fd = openSync(path, 'a', 0o600)
    this.#size = fstatSync(this.#fd).size
  }

  /** Never throws: a disk without room costs the line, not the process. A line longer than the file may be is cut. */
  write(line: string): void {
    try {
      let bytes: Uint8Array = Buffer.from(line)
      if (bytes.length > this.#maxBytes)
        bytes = Buffer.concat([bytes.subarray(0, this.#maxBytes - 1), Buffer.from('\n')])
      if (this.#size + bytes.length > this.#maxBytes) this.#rotate()
      this.#size += writeSync(this.#fd, bytes)
    } catch {
      return
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`)
    const fd = openSync(this.#path, 'a', 0o600)
    closeSync(this.#fd)
    this.#fd = fd
    this.#size = 0
  }

  close(): void {
    closeSync(this.#fd)
  }
}
