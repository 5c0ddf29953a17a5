import { fromHex } from '../bytes/hex.ts'

/** A message of a recorded conversation. */
export interface RecordedMessage {
  readonly bytes: Uint8Array
  readonly protocol: 'route' | 'generic'
  /** The kernel sent it: a reply or a notification. */
  readonly fromKernel: boolean
}

export interface Recording {
  /** Generic netlink families by the id that the recorded kernel gave them. */
  readonly families: ReadonlyMap<number, string>
  readonly messages: readonly RecordedMessage[]
}

interface Told {
  readonly hex: string
  readonly proto?: 'route' | 'generic'
}

interface Step {
  readonly op: string
  readonly proto?: 'route' | 'generic'
  readonly req?: Told
  readonly replies?: readonly Told[]
  readonly notify?: readonly Told[]
}

interface Head {
  readonly families?: Readonly<Record<string, number>>
  readonly groups?: Readonly<Record<string, number>>
  readonly defs?: Readonly<Record<string, string>>
}

/** Little-endian digits of a number. */
const number = (n: number, length: number): string =>
  Array.from({ length }, (_, i) => ((n / 256 ** i) & 0xff).toString(16).padStart(2, '0')).join('')

/**
 * The messages of a recording: JSON lines, the scenario first, then its steps. Places that differ from run to run are
 * filled with the recorded kernel's numbers where those are known, and with 01 bytes otherwise.
 */
export function readRecording(text: string): Recording {
  const [first, ...lines] = text.split('\n').filter((line) => line !== '')
  const head = JSON.parse(first) as Head
  const known = new Map<string, number>()
  for (const [name, id] of Object.entries(head.families ?? {})) known.set(`$family:${name}`, id)
  for (const [name, id] of Object.entries(head.groups ?? {})) known.set(`$group:${name}`, id)
  const fill = (hex: string): Uint8Array =>
    fromHex(
      hex
        .replace(/\{@([^}]+)\}/g, (_, name: string) => head.defs?.[name] ?? '')
        .replace(/\{(\d+) ([^}]+)\}/g, (_, length: string, name: string) => {
          const n = known.get(name)
          return n === undefined ? '01'.repeat(Number(length)) : number(n, Number(length))
        }),
    )
  const messages: RecordedMessage[] = []
  for (const line of lines) {
    const step = JSON.parse(line) as Step
    const protocol = step.proto ?? 'route'
    if (step.req) messages.push({ bytes: fill(step.req.hex), protocol, fromKernel: false })
    for (const reply of step.replies ?? []) messages.push({ bytes: fill(reply.hex), protocol, fromKernel: true })
    for (const note of step.notify ?? []) {
      messages.push({ bytes: fill(note.hex), protocol: note.proto ?? 'route', fromKernel: true })
    }
  }
  return { families: new Map(Object.entries(head.families ?? {}).map(([name, id]) => [id, name])), messages }
}
