import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { crc32, putRecord, RECORD_HEADER, readRecords } from '@netkit/kernel'
import { makePrivate } from '../private-directory.ts'

/** What begins the files, and the version of what they hold. A journal of another version is not read. */
const LOG_MAGIC = 'netkit journal 1\n'
const SNAPSHOT_MAGIC = 'netkit snapshot 1\n'
const LOG_HEAD = LOG_MAGIC.length + 8
/** The log may grow to this, or to the multiple of the snapshot if that is more, before it is replaced by a snapshot. */
const COMPACT_BYTES = 4 * 1024 * 1024
const COMPACT_RATIO = 4
const WRITE_BYTES = 1024 * 1024

/** The journal on disk cannot be read as a journal. */
export class JournalFileError extends Error {
  override readonly name = 'JournalFileError'
}

/** What was found: a snapshot's lines, then events since. */
export interface Found {
  readonly snapshot: readonly string[] | undefined
  readonly events: readonly Uint8Array[]
  /** Bytes at the end of the log that were cut off while they were written: of a change that nobody had an answer to. */
  readonly torn: number
}

export interface StoreOptions {
  /** Wait for the disk at each write, so that not even a loss of power loses what was acknowledged. Default: off. */
  readonly sync?: boolean
  /** Bytes of log at which a snapshot takes its place, at least. */
  readonly compactBytes?: number
}

const readIfAny = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function magicOf(bytes: Buffer, magic: string, path: string): void {
  const begins = bytes.subarray(0, magic.length).toString('latin1')
  if (begins !== magic)
    throw new JournalFileError(
      `${path} is not a journal of this version: it begins with ${JSON.stringify(begins.trimEnd())}`,
    )
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
}

/**
 * The files of a journal: `snapshot`, the state after so many events, and `log`, the events since, each with its number. A
 * snapshot comes into being whole or not at all; a log may have an end that was cut off, which is dropped.
 */
export class JournalStore {
  readonly #snapshotPath: string
  readonly #logPath: string
  readonly #directory: string
  readonly #sync: boolean
  readonly #compactBytes: number
  #fd = -1
  #buffer = new Uint8Array(65_536)
  #length = 0
  #logBytes = 0
  #snapshotBytes = 0
  /** Number of the next event. */
  #next = 0n

  constructor(directory: string, options: StoreOptions = {}) {
    makePrivate(directory)
    this.#directory = directory
    this.#snapshotPath = join(directory, 'snapshot')
    this.#logPath = join(directory, 'log')
    this.#sync = options.sync ?? false
    this.#compactBytes = options.compactBytes ?? COMPACT_BYTES
  }

  /** Bytes that the journal takes on disk. */
  get bytes(): number {
    return this.#logBytes + this.#snapshotBytes
  }

  /** Reads what there is, and opens the log for more. Throws JournalFileError. */
  open(): Found {
    const { lines, next } = this.#readSnapshot()
    this.#next = next
    const log = readIfAny(this.#logPath)
    if (!log || log.length < LOG_HEAD) {
      this.#startLog()
      return { snapshot: lines, events: [], torn: log?.length ?? 0 }
    }
    magicOf(log, LOG_MAGIC, this.#logPath)
    const first = log.readBigUInt64LE(LOG_MAGIC.length)
    if (first > next)
      throw new JournalFileError(`${this.#logPath} begins with event ${first}, the snapshot ends before ${next}`)
    const { records, end } = readRecords(log, LOG_HEAD)
    // Events that the snapshot holds already: it was written, but the old log was not replaced any more.
    const events = records.slice(Number(next - first))
    if (end < log.length) truncateSync(this.#logPath, end)
    this.#fd = openSync(this.#logPath, 'a', 0o600)
    this.#logBytes = end
    const after = first + BigInt(records.length)
    this.#next = after > next ? after : next
    if (after < next) this.#startLog()
    return { snapshot: lines, events, torn: log.length - end }
  }

  #readSnapshot(): { readonly lines: string[] | undefined; readonly next: bigint } {
    const bytes = readIfAny(this.#snapshotPath)
    if (!bytes) return { lines: undefined, next: 0n }
    magicOf(bytes, SNAPSHOT_MAGIC, this.#snapshotPath)
    const lines = bytes.toString('utf8', SNAPSHOT_MAGIC.length).split('\n')
    const end = lines.length >= 3 ? /^end ([0-9a-f]+)$/.exec(lines[lines.length - 2]) : null
    const body = bytes.length - (end ? end[0].length + 1 : 0)
    if (!end || crc32(bytes.subarray(0, body)) !== Number.parseInt(end[1], 16)) {
      throw new JournalFileError(`${this.#snapshotPath} is damaged`)
    }
    this.#snapshotBytes = bytes.length
    return { lines: lines.slice(1, -2), next: BigInt(lines[0]) }
  }

  #startLog(): void {
    const head = Buffer.alloc(LOG_HEAD)
    head.write(LOG_MAGIC, 'latin1')
    head.writeBigUInt64LE(this.#next, LOG_MAGIC.length)
    const fresh = `${this.#logPath}.new`
    const fd = openSync(fresh, 'w', 0o600)
    writeAll(fd, head)
    if (this.#sync) fsyncSync(fd)
    renameSync(fresh, this.#logPath)
    this.#syncDirectory()
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = fd
    this.#logBytes = LOG_HEAD
  }

  #syncDirectory(): void {
    if (!this.#sync) return
    const fd = openSync(this.#directory, 'r')
    fsyncSync(fd)
    closeSync(fd)
  }

  /** Takes an event; `commit` writes it. */
  append(event: Uint8Array): void {
    const need = this.#length + RECORD_HEADER + event.length
    if (need > this.#buffer.length) {
      const bigger = new Uint8Array(Math.max(need, 2 * this.#buffer.length))
      bigger.set(this.#buffer.subarray(0, this.#length))
      this.#buffer = bigger
    }
    this.#length = putRecord(this.#buffer, this.#length, event)
    this.#next++
  }

  /** Writes what was taken. After it no end of the process loses it; with `sync`, no loss of power either. */
  commit(): void {
    if (this.#length === 0) return
    writeAll(this.#fd, this.#buffer.subarray(0, this.#length))
    if (this.#sync) fdatasyncSync(this.#fd)
    this.#logBytes += this.#length
    this.#length = 0
    if (this.#buffer.length > WRITE_BYTES) this.#buffer = new Uint8Array(65_536)
  }

  /** The log has grown so much that a snapshot should take its place. */
  get wantsCompaction(): boolean {
    return this.#logBytes > Math.max(this.#compactBytes, COMPACT_RATIO * this.#snapshotBytes)
  }

  /** Replaces snapshot and log by a snapshot of the state after all events so far. */
  compact(lines: Iterable<string>): void {
    this.commit()
    const fresh = `${this.#snapshotPath}.new`
    const fd = openSync(fresh, 'w', 0o600)
    let written = 0
    let crc = 0
    const put = (text: string) => {
      const bytes = Buffer.from(text)
      writeAll(fd, bytes)
      crc = crc32(bytes, crc)
      written += bytes.length
    }
    try {
      let some = `${SNAPSHOT_MAGIC}${this.#next}\n`
      for (const line of lines) {
        some += `${line}\n`
        if (some.length < WRITE_BYTES) continue
        put(some)
        some = ''
      }
      put(some)
      put(`end ${crc.toString(16)}\n`)
      if (this.#sync) fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    renameSync(fresh, this.#snapshotPath)
    this.#syncDirectory()
    this.#snapshotBytes = written
    this.#startLog()
  }

  close(): void {
    this.commit()
    closeSync(this.#fd)
    this.#fd = -1
  }

  /** Forgets everything: the next kernel starts with nothing. */
  discard(): void {
    if (this.#fd >= 0) closeSync(this.#fd)
    this.#fd = -1
    rmSync(this.#logPath, { force: true })
    rmSync(this.#snapshotPath, { force: true })
  }
}
