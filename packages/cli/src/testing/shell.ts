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

/** Runs lines that must succeed without a word on standard error, in a new shell, and gives what the last one printed. */
export async function after(...lines: string[]): Promise<string> {
  const netkit = shell()
  let out = ''
  for (const line of lines) {
    const result = await netkit(line)
    if (result.status !== 0 || result.err !== '')
      throw new Error(`netkit ${line}: status ${result.status}, ${result.err}`)
    out = result.out
  }
  return out
}

/** A NIC here and a single device in `pod` that leases its last queue. */
export const LEASED = [
  'nic add eth0 queues 4 address 02:00:00:00:00:01',
  'link set eth0 up',
  'netns add pod',
  'link add nk0 address 02:00:00:00:00:02 netns pod numrxqueues 3 up type netkit mode l2 pairing single',
  'lease add dev nk0 netns pod from eth0 queue 3',
] as const
