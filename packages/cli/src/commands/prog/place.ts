import { attachName } from '@netkit/bpf'
import type { Anchor, AttachTarget, Kernel, Position } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { deviceName, integer } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { AT, loadedAt, type PlaceWord, type ProgramWord, wordKind } from './program.ts'

/** A program in a list: by id, name or pin, or by the link that holds it. */
type AnchorWord = ProgramWord | { readonly kind: 'link'; readonly id: number }

const ANCHOR: Value<AnchorWord> = {
  name: '{ PROG | link:ID }',
  allowed: 'an id, a name, a path where a program is pinned, or link:ID',
  parse(word) {
    const link = /^link:(\d{1,10})$/.exec(word)
    return link ? { kind: 'link', id: Number(link[1]) } : wordKind(word)
  },
}

export const placeWords = {
  dev: { value: deviceName(), required: true, doc: 'the device; of a pair the primary, also for programs of the peer' },
  at: {
    value: AT,
    doc: 'primary, peer, ingress, egress, xdp, xdpdrv, xdpgeneric, xdpoffload, xdpegress, xdpinject; default: what the section of an object file says',
  },
} satisfies Words

export const positionWords = {
  first: { doc: 'before all others' },
  before: { value: ANCHOR, doc: 'directly before this one' },
  after: { value: ANCHOR, doc: 'directly after this one; default: behind all others' },
  revision: {
    value: integer('N', 1, Number.MAX_SAFE_INTEGER),
    doc: 'only if the list is still at this revision: see netkit prog show dev DEV',
  },
} satisfies Words

/** Where a program is attached; `said`: by its section. */
export function placeAt(at: PlaceWord | undefined, said = 0): PlaceWord {
  const name = at ?? attachName(said)
  const known = AT.parse(name)
  if (known) return known
  throw new UsageError(`'at' is missing: say where, ${AT.allowed}`)
}

/** A position with what it refers to open, until it is closed. */
export interface OpenedPosition extends AsyncDisposable {
  readonly position: Position
}

export async function openPosition(
  kernel: Kernel,
  args: ArgsOf<typeof positionWords>,
  target: AttachTarget,
): Promise<OpenedPosition> {
  const opened: AsyncDisposable[] = []
  const anchor = async (word: AnchorWord | undefined): Promise<Anchor | undefined> => {
    if (word === undefined) return undefined
    if (word.kind === 'link') return { linkId: word.id }
    if (word.kind === 'id') return { programId: word.id }
    const program = await loadedAt(kernel, word, target)
    opened.push(program)
    return program
  }
  const position: Position = {
    before: await anchor(args.before),
    after: await anchor(args.after),
    first: args.first,
    expectedRevision: args.revision === undefined ? undefined : BigInt(args.revision),
  }
  return {
    position,
    async [Symbol.asyncDispose]() {
      for (const one of opened) await one[Symbol.asyncDispose]()
    },
  }
}
