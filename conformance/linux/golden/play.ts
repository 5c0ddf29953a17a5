import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Numbers of NICs that no recording has, and as many digits: they stand in messages. */
const FIRST_NIC = 20

interface Line {
  readonly op?: string
  readonly nic?: number
  readonly [key: string]: unknown
}

/** A step of a recording: what the recorder does, and the rest. */
interface RecordedLine extends Line {
  readonly req?: { readonly hex: string }
}

/** A recording as a scenario of the recorder, with NICs that nobody else has. */
interface Prepared {
  readonly file: string
  readonly steps: readonly Line[]
  /** Numbers of NICs: those of the recording by those that they were played with. */
  readonly nics: ReadonlyMap<number, number>
}

/** Plays recordings on this machine's kernel, side by side; resolves with what was heard at each step, by file. */
export async function playRecordings(
  files: readonly (readonly [file: string, text: string])[],
  families: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, readonly unknown[]>> {
  let nic = FIRST_NIC
  const prepared = files.map(([file, text]) => prepare(file, text, families, () => nic++))
  const folder = mkdtempSync(join(tmpdir(), 'golden-'))
  try {
    const [scenarios, recorded] = [join(folder, 'scenarios.json'), join(folder, 'recorded.jsonl')]
    const list = prepared.map(({ file, steps }) => ({ name: file, steps }))
    writeFileSync(scenarios, JSON.stringify({ scenarios: list }))
    await run('python3', [process.env.NETKIT_RECORDER ?? '', scenarios, recorded], { maxBuffer: 1 << 26 })
    const lines = readFileSync(recorded, 'utf8').trim().split('\n')
    const byFile = new Map(prepared.map((each) => [each.file, each]))
    return new Map(
      lines.map((line) => {
        const { name } = JSON.parse(line) as { name: string }
        return [name, heardOf(line, byFile.get(name)!, families)]
      }),
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function prepare(file: string, text: string, families: ReadonlyMap<string, number>, freeNic: () => number): Prepared {
  const [, ...lines] = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as RecordedLine)
  const mine = new Map<number, number>()
  const rename = (nic: number): number => {
    if (!mine.has(nic)) mine.set(nic, freeNic())
    return mine.get(nic)!
  }
  const steps = lines.map((line) => ({
    ...line,
    ...(line.nic !== undefined && { nic: rename(line.nic) }),
    ...(line.req && { req: filled(line.req.hex, families) }),
    notify: undefined,
    replies: undefined,
    result: undefined,
  }))
  return { file, steps, nics: new Map([...mine].map(([theirs, played]) => [played, theirs])) }
}

/** A request with this kernel's ids of families, which are all that requests of recordings leave open. */
const filled = (hex: string, families: ReadonlyMap<string, number>): string =>
  hex.replace(/\{2 \$family:([^}]+)\}/g, (_, name) => littleEndian(families.get(name) ?? 0))

const littleEndian = (id: number): string => Buffer.from(Uint16Array.of(id).buffer).toString('hex')
const ascii = (text: string): string => Buffer.from(text).toString('hex')

/** What the recorder calls families by in headers of messages. */
const NUMBERS: Readonly<Record<string, number>> = { netdev: 0x7d01, ethtool: 0x7d02 }

function heardOf(line: string, { nics }: Prepared, families: ReadonlyMap<string, number>): readonly unknown[] {
  const own = [...nics].map(([played, theirs]) => [ascii(`netdevsim${played}`), ascii(`netdevsim${theirs}`)] as const)
  const ids = Object.entries(NUMBERS).map(([name, number]) => [
    littleEndian(number),
    littleEndian(families.get(name) ?? 0),
  ])
  const mended = (hex: string): string => {
    let whole = hex
    for (const [played, theirs] of own) whole = whole.replaceAll(played, theirs)
    for (const [number, id] of ids) {
      if (whole.startsWith(number, 8)) whole = whole.slice(0, 8) + id + whole.slice(12)
      // An acknowledgement quotes the header of its request.
      if (whole.startsWith('0200', 8) && whole.startsWith(number, 48)) whole = whole.slice(0, 48) + id + whole.slice(52)
    }
    return whole
  }
  const { steps } = JSON.parse(line) as { steps: { replies?: string[]; notify: [string, string, string][] }[] }
  return steps.map((step) => ({
    ...step,
    replies: step.replies?.map(mended),
    notify: step.notify.map(([ns, proto, hex]) => [ns, proto, mended(hex)]),
  }))
}
