import type { AttachName } from '@netkit/bpf'
import type { AttachTarget, Kernel, LoadedObject, Program } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { token } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { NotFoundError } from '../failure.ts'
import type { Session } from '../session.ts'
import { splitAssignment, variableValue } from './variable.ts'

/** How a program is called: a file, a path where it is pinned, its id, its name. */
export type ProgramWord =
  | { readonly kind: 'file' | 'pinned' | 'name'; readonly text: string }
  | { readonly kind: 'id'; readonly id: number }

/** How things that have ids and can be pinned are told apart. */
export function wordKind(word: string): ProgramWord | undefined {
  if (word === '') return undefined
  if (/^\d{1,10}$/.test(word)) return { kind: 'id', id: Number(word) }
  if (word.endsWith('.o')) return { kind: 'file', text: word }
  return { kind: word.startsWith('/') ? 'pinned' : 'name', text: word }
}

export const PROGRAM: Value<ProgramWord> = {
  name: 'PROG',
  allowed: 'an object file (FILE.o), an id, a path where a program is pinned, or a name',
  source: 'file',
  parse: wordKind,
}

/** Words that name a program. `prog`: positional. */
export const programWords = {
  prog: {
    value: PROGRAM,
    positional: true,
    required: true,
    aliases: ['id', 'pinned', 'name', 'obj'],
    doc: 'an object file (FILE.o), which is loaded; or what is loaded: an id, a path where it is pinned, a name',
  },
  program: { value: token('NAME'), doc: 'which program of an object file; default: its only one' },
  set: {
    value: token('VARIABLE=VALUE'),
    multi: true,
    doc: 'of an object file: what a global variable is when it is loaded',
  },
} satisfies Words

type Args = ArgsOf<typeof programWords>

/** A program that a command uses, until it is closed; of an object file all that was loaded with it. */
export interface Opened extends AsyncDisposable {
  readonly program: Program
  /** As the object file or the kernel calls it. */
  readonly name: string
  /** Where its section says that it is attached. */
  readonly at: number
}

/** Finds a program, or loads it. */
export async function openProgram(kernel: Kernel, args: Args, session: Session): Promise<Opened> {
  const { prog } = args
  if (prog.kind === 'file') return await fromFile(kernel, prog.text, args, session)
  for (const word of ['program', 'set'] as const)
    if (args[word] !== undefined) throw new UsageError(`'${word}' is for object files`)
  const program = await loaded(kernel, prog)
  const { name } = await program.info()
  return { program, name, at: 0, [Symbol.asyncDispose]: () => program.close() }
}

/** A program that is loaded. */
export async function loaded(kernel: Kernel, word: ProgramWord): Promise<Program> {
  if (word.kind === 'id') return await kernel.bpf.program(word.id)
  if (word.kind === 'pinned') return await kernel.bpf.pinnedProgram(word.text)
  if (word.kind === 'file') throw new UsageError(`${word.text}: a program that is loaded is expected here`)
  return await named(
    kernel.bpf.programIds(),
    (id) => kernel.bpf.program(id),
    async (one) => (await one.info()).name,
    word.text,
    'program',
  )
}

/** A program that is attached at a place, or any other: of those with a name, one that is there is meant. */
export async function loadedAt(kernel: Kernel, word: ProgramWord, target: AttachTarget): Promise<Program> {
  if (word.kind !== 'name') return await loaded(kernel, word)
  const { programs } = await kernel.bpf.query(target)
  const ids = programs.map(({ programId }) => programId)
  const where = `program at ${target.device} ${shortAt(target.at)}`
  return await named(
    ids,
    (id) => kernel.bpf.program(id),
    async (one) => (await one.info()).name,
    word.text,
    where,
  )
}

/** The one of many that has a name; NotFoundError if none has, UsageError if several have. */
export async function named<T extends { close(): Promise<void> }>(
  ids: AsyncIterable<number> | Iterable<number>,
  open: (id: number) => Promise<T>,
  nameOf: (one: T) => Promise<string>,
  name: string,
  what: string,
): Promise<T> {
  const found: (readonly [number, T])[] = []
  for await (const id of ids) {
    const one = await open(id).catch(() => undefined)
    if (one === undefined) continue
    if ((await nameOf(one)) === name) found.push([id, one])
    else await one.close()
  }
  const [first, ...others] = found
  if (first && others.length === 0) return first[1]
  for (const [, one] of found) await one.close()
  if (!first) throw new NotFoundError(`there is no ${what} with the name ${name}`)
  throw new UsageError(`several are called ${name}: say which by id, ${found.map(([id]) => id).join(', ')}`)
}

/** Reads an object file and sets its variables; nothing is loaded. */
export async function readObject(kernel: Kernel, path: string, set: readonly string[] | undefined, session: Session) {
  const { files } = session.context
  if (!files) throw new UsageError('there are no files here')
  const object = kernel.bpf.open(await files.read(path), path)
  for (const assignment of set ?? []) {
    const [name, text] = splitAssignment(assignment)
    object.variables.set(name, variableValue(text))
  }
  return object
}

async function fromFile(kernel: Kernel, path: string, { program: name, set }: Args, session: Session): Promise<Opened> {
  const file = await readObject(kernel, path, set, session)
  const { programs } = file.object
  const [only, ...others] = programs.filter(({ autoload }) => autoload)
  const chosen = name ?? (others.length === 0 ? only?.name : undefined)
  if (chosen === undefined) {
    const all = programs.map((one) => one.name).join(', ')
    throw new UsageError(`${path} has several programs: say which by program, ${all || 'but there are none'}`)
  }
  const object: LoadedObject = await file.load({ programs: [chosen] })
  const program = object.program(chosen)
  const at = programs.find((one) => one.name === chosen)?.type?.attachType ?? 0
  return { program, name: chosen, at, [Symbol.asyncDispose]: () => object.close() }
}

/** Where programs are attached, with short words for it. */
const PLACES = [
  'primary',
  'peer',
  'ingress',
  'egress',
  'xdp',
  'xdpdrv',
  'xdpgeneric',
  'xdpoffload',
  'xdpegress',
  'xdpinject',
]

/** A place of a device; of XDP with the mode that is asked for. */
export type PlaceWord = AttachName | keyof typeof XDP_MODES

/** Words for the modes of XDP, as `ip link` has them. `xdp`: in the driver if that can. */
export const XDP_MODES = { xdp: undefined, xdpdrv: 'native', xdpgeneric: 'generic', xdpoffload: 'hardware' } as const

export const isXdp = (at: PlaceWord): at is keyof typeof XDP_MODES => at in XDP_MODES

export const AT: Value<PlaceWord> = {
  name: 'PLACE',
  allowed:
    'primary or peer (of a netkit pair), ingress or egress (tcx), xdp, xdpdrv, xdpgeneric, xdpoffload, or beyond Linux xdpegress and xdpinject (of a single device)',
  source: PLACES,
  choices: PLACES,
  parse: (word) => SHORT[word.replace(/^(netkit|tcx)[_/]/, '').replace(/^xdp_netkit_/, 'xdp')],
}

const SHORT: Readonly<Record<string, PlaceWord | undefined>> = {
  primary: 'netkit_primary',
  peer: 'netkit_peer',
  ingress: 'tcx_ingress',
  egress: 'tcx_egress',
  xdp: 'xdp',
  xdpdrv: 'xdpdrv',
  xdpgeneric: 'xdpgeneric',
  xdpoffload: 'xdpoffload',
  xdpegress: 'xdp_netkit_egress',
  xdpinject: 'xdp_netkit_inject',
}

/** `primary` for `netkit_primary`. */
export const shortAt = (at: string): string => at.replace(/^(netkit|tcx)_/, '').replace(/^xdp_netkit_/, 'xdp')
