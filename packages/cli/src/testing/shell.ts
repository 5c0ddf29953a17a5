import { type EmbeddedOptions, embedded, simulatedWorld } from '@netkit/kernel'
import type { Context } from '../commands/context.ts'
import { run } from '../commands/run.ts'
import { splitWords } from '../grammar/split-words.ts'
import { embeddedReplay } from '../replay-embedded.ts'

/** What a command line led to. */
export interface Result {
  readonly status: number
  readonly out: string
  readonly err: string
}

export interface Shell {
  /** Runs one line, without `netkit` in front. */
  (line: string, options?: Partial<Context>): Promise<Result>
  /** Files by their paths. */
  readonly files: Map<string, Uint8Array>
}

/** Runs commands against an embedded kernel in this process that does the same things each time. */
export function shell(options: EmbeddedOptions = {}): Shell {
  const kernel = embedded({ world: simulatedWorld(), ...options })
  const files = new Map<string, Uint8Array>()
  const line = async (text: string, more: Partial<Context> = {}): Promise<Result> => {
    let out = ''
    let err = ''
    const context: Context = {
      kernel,
      write: (t) => {
        out += t
      },
      writeError: (t) => {
        err += t
      },
      width: 80,
      version: '1.2.3',
      now: () => 0,
      interrupted: new AbortController().signal,
      files: inMemory(files, (t) => {
        out += t
      }),
      replay: embeddedReplay,
      ...more,
    }
    const status = await run(splitWords(text), context)
    return { status, out, err }
  }
  return Object.assign(line, { files })
}

function inMemory(files: Map<string, Uint8Array>, print: (text: string) => void): Context['files'] {
  return {
    async read(path) {
      const bytes = files.get(path)
      if (!bytes) throw new Error(`cannot read ${path}: there is no such file`)
      return bytes
    },
    async create(path) {
      const chunks: Uint8Array[] = []
      return {
        async write(bytes) {
          if (path === '-') print(new TextDecoder().decode(bytes))
          else {
            chunks.push(bytes.slice())
            files.set(path, Buffer.concat(chunks))
          }
        },
        close: async () => undefined,
      }
    },
  }
}
