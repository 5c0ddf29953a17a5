import type { StateFault, StateFiles } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { file } from '../../grammar/values.ts'
import type { Words } from '../../grammar/words.ts'
import type { Json } from '../../print/json.ts'
import { printable } from '../../print/printable.ts'
import { Exit, STATUS } from '../failure.ts'
import { sinkOf, sourceOf } from '../nic/wire.ts'
import type { Session } from '../session.ts'
import type { StateFile } from './document.ts'

/** Words that commands about a file of declared state have. */
export const fileWords = {
  '-f': { value: file(), required: true, doc: 'the file, YAML or JSON; - is the input' },
  '--prune': { doc: 'remove what the set owns and the file does not declare any more; default: it stays' },
  '--adopt': { doc: "take what is there by a declared name, and nobody's, into the set; default: refuse such names" },
} satisfies Words

/** Reads the file. What is wrong with it is said line by line. */
export async function stateFile(path: string, session: Session): Promise<StateFile> {
  const { context, options } = session
  if (options.netns !== undefined)
    throw new UsageError('option -n has no meaning here: the file says in which namespaces things are')
  if (!context.files) throw new UsageError('there are no files here')
  const { readFile } = await import('./document.ts')
  const { file, complaints } = readFile(path, new TextDecoder().decode(await context.files.read(path)))
  if (file) return file
  throw complain(complaints, session)
}

/** Says what cannot be, with places in the file, and ends with the status of wrong words. */
export function refuse({ complain: text }: StateFile, faults: readonly StateFault[], session: Session): Exit {
  const exit = complain(faults.map(text), session)
  if (faults.some(({ needs }) => needs === 'allowRecreate'))
    session.context.writeError('Hint: --allow-recreate allows it.\n')
  return exit
}

function complain(complaints: readonly string[], { context }: Session): Exit {
  for (const line of complaints) context.writeError(`${printable(line)}\n`)
  return new Exit(STATUS.usage)
}

/** What the set owns and the file does not declare any more. */
export function warnUndeclared(undeclared: readonly string[], { context }: Session): void {
  for (const entry of undeclared)
    context.writeError(`Warning: ${printable(entry)} is not declared any more, and stays; --prune removes it\n`)
}

/** Recordings are named relative to the file that names them. */
export function filesBeside(path: string, session: Session): StateFiles {
  const folder = /^.*\//.exec(path)?.[0] ?? ''
  const full = (name: string) => (name.startsWith('/') ? name : folder + name)
  return { source: (name) => sourceOf(full(name), session), sink: (name) => sinkOf(full(name), session) }
}

/** A plain value as JSON. */
export const asJson = (value: object | readonly object[]): Json => value as Json
