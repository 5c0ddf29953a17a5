import { BpfFault, type Code, decode, explainFault, interpreter, loadBare, wasmEngine } from '@netkit/bpf'
import { toHex } from '@netkit/netlink'
import { UsageError } from '../../grammar/usage-error.ts'
import { words } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import type { Session } from '../session.ts'
import { bytesOfHex } from './hex.ts'

const ENGINES = { wasm: wasmEngine, interpreter } as const
type EngineName = keyof typeof ENGINES

export const engineName = words(['wasm', 'interpreter'])

/** A bare program, what it runs over, and how. */
export interface RawRun {
  readonly code: string
  readonly block: Uint8Array
  readonly engine: EngineName
  /** Print the digits of R0 alone. */
  readonly digits: boolean
  /** Print the block afterwards, too. */
  readonly after: boolean
}

/** `netkit prog run --raw`: runs bytecode that nobody verified over a block of memory, in this process. */
export async function runRaw(run: RawRun, session: Session): Promise<void> {
  const code = await readCode(run.code, session)
  const program = loadBare(code, run.block, ENGINES[run.engine])
  let r0: bigint
  try {
    r0 = program.run()
  } catch (e) {
    if (!(e instanceof BpfFault)) throw e
    throw new Error(explainFault(e, code, run.block.length), { cause: e })
  }
  const hex = r0.toString(16)
  const entry = new Entry().only('r0', r0).add('hex', `0x${hex}`, run.digits ? hex : `0x${hex}`)
  if (run.after) entry.say('\n').add('mem', toHex(program.memory()), toHex(program.memory()))
  await session.entry(entry)
}

/** Instructions in bytes or hexadecimal digits, from a file or the command line itself. */
async function readCode(from: string, session: Session): Promise<Code> {
  const given = bytesOfHex(from)
  const bytes = given !== undefined && isCode(given) ? given : await readFile(from, session)
  if (!isCode(bytes)) {
    throw new UsageError(`${from}: ${bytes.length} bytes are not a program: each instruction has 8 bytes`)
  }
  return decode(bytes)
}

const isCode = (bytes: Uint8Array): boolean => bytes.length > 0 && bytes.length % 8 === 0

/** No program consists of hexadecimal digits alone: it would have no exit. */
async function readFile(path: string, { context: { files } }: Session): Promise<Uint8Array> {
  if (!files) throw new UsageError('there are no files here: give the program as hexadecimal digits')
  const bytes = await files.read(path)
  const text = bytes.every((byte) => byte < 0x80) ? new TextDecoder().decode(bytes) : ''
  return (text.trim() === '' ? undefined : bytesOfHex(text)) ?? bytes
}
