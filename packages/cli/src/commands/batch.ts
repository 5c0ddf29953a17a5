import { splitWords } from '../grammar/split-words.ts'
import { UsageError } from '../grammar/usage-error.ts'
import { STATUS } from './failure.ts'
import type { Session } from './session.ts'

/**
 * Runs the lines of a file. The first that fails ends it, with its status, unless `-force` is given: then all are run and
 * the status is that of the first that failed.
 */
export async function batch(path: string, session: Session): Promise<number> {
  const { context, options } = session
  if (!context.files) throw new UsageError('-batch needs files, and there are none here')
  const text = new TextDecoder().decode(await context.files.read(path))
  const inner = session.with({ ...options, batch: undefined })
  let first: number = STATUS.done
  for (const { words, line } of linesOf(text)) {
    if (context.interrupted.aborted) break
    const status = await inner.run(words)
    if (status === STATUS.done) continue
    context.writeError(`Command failed ${path}:${line}\n`)
    if (first === STATUS.done) first = status
    if (!options.force) break
  }
  return first
}

/** Lines that say something, with their numbers; a backslash at the end joins the next line. */
function* linesOf(text: string): Generator<{ readonly words: string[]; readonly line: number }> {
  let joined = ''
  let start = 1
  for (const [i, line] of text.split('\n').entries()) {
    if (joined === '') start = i + 1
    if (line.endsWith('\\')) {
      joined += `${line.slice(0, -1)} `
      continue
    }
    const words = splitWords(joined + line)
    joined = ''
    if (words.length > 0) yield { words, line: start }
  }
  const words = splitWords(joined)
  if (words.length > 0) yield { words, line: start }
}
