import { UsageError } from '../../grammar/usage-error.ts'
import type { ArgsOf } from '../../grammar/words.ts'
import { Entry } from '../../print/entry.ts'
import type { Session } from '../session.ts'
import { openProgram, type programWords } from './program.ts'

/** What a program is run over, and where what it leaves is put. */
export interface TestRunArgs {
  readonly data: Uint8Array | undefined
  readonly dataIn: string | undefined
  readonly dataOut: string | undefined
  readonly contextIn: string | undefined
  readonly contextOut: string | undefined
  readonly repeat: number
}

const read = async (path: string | undefined, { context: { files } }: Session): Promise<Uint8Array | undefined> => {
  if (path === undefined) return undefined
  if (!files) throw new UsageError('there are no files here')
  return await files.read(path)
}

async function write(path: string | undefined, bytes: Uint8Array, { context: { files } }: Session): Promise<void> {
  if (path === undefined || !files) return
  const sink = await files.create(path)
  await sink.write(bytes)
  await sink.close()
}

/** As bpftool prints bytes in JSON. */
const hexList = (bytes: Uint8Array): string[] => Array.from(bytes, (byte) => `0x${byte.toString(16).padStart(2, '0')}`)

/** Sixteen bytes a line, with where they are. */
function hexLines(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const pairs = Array.from(bytes.subarray(at, at + 16), (byte) => byte.toString(16).padStart(2, '0'))
    lines.push(`  ${at.toString(16).padStart(4, '0')}  ${pairs.slice(0, 8).join(' ')}  ${pairs.slice(8).join(' ')}`)
  }
  return lines.join('\n')
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i])

/** `netkit prog run PROG`: BPF_PROG_TEST_RUN. */
export async function runTest(prog: ArgsOf<typeof programWords>, args: TestRunArgs, session: Session): Promise<void> {
  const data = args.data ?? (await read(args.dataIn, session))
  const context = await read(args.contextIn, session)
  if (!data && !context) throw new UsageError('a packet is missing: data-in FILE, or data HEX')
  const kernel = await session.kernel()
  await using opened = await openProgram(kernel, prog, session)
  const run = await opened.program.testRun({ data, context, repeat: args.repeat })
  await write(args.dataOut, run.data, session)
  await write(args.contextOut, run.context, session)
  const average = args.repeat > 1 ? ` on average of ${args.repeat}` : ''
  const entry = new Entry()
    .add('retval', run.retval, `returned ${run.retval | 0}`)
    .add('duration', run.durationNs, `, ${run.durationNs} ns${average}`)
  if (args.dataOut === undefined && data && !same(run.data, data))
    entry.add(
      'data_out',
      hexList(run.data),
      `\nthe packet afterwards, ${run.data.length} bytes:\n${hexLines(run.data)}`,
    )
  else if (args.dataOut === undefined && data) entry.only('data_out', hexList(run.data))
  if (args.contextOut === undefined && context) entry.only('ctx_out', hexList(run.context))
  await session.entry(entry)
}
