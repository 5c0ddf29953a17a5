import { promises } from 'node:fs'
import { resolve } from 'node:path'
import type { FileSink, Files } from './commands/context.ts'
import { writeOutput } from './terminal.ts'

const STANDARD = '-'

/** The same failure, in words that name the path. */
async function named<T>(what: string, path: string, task: Promise<T>): Promise<T> {
  try {
    return await task
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    const why = MEANING[code ?? ''] ?? message
    throw new Error(`cannot ${what} ${path}: ${why}`, { cause })
  }
}

const MEANING: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

async function readStandardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks)
}

const standardOutput: FileSink = {
  write: (bytes) => Promise.resolve(writeOutput(bytes)),
  close: () => Promise.resolve(),
}

/** The files of the machine. */
export const machineFiles: Files = {
  read: (path) => named('read', path, path === STANDARD ? readStandardInput() : promises.readFile(path)),
  async create(path) {
    if (path === STANDARD) return standardOutput
    const file = await named('create', path, promises.open(path, 'w'))
    return {
      write: async (bytes) => {
        await named('write', path, file.writeFile(bytes))
      },
      close: () => named('write', path, file.close()),
    }
  },
  absolute: (path) => resolve(path),
}
