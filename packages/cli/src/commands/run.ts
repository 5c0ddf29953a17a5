import { isGroup } from '../grammar/command.ts'
import { commandHelp, groupHelp, type HelpLook, overview } from '../grammar/help.ts'
import { isHelp, readLine } from '../grammar/line.ts'
import { noOptions, OptionReader } from '../grammar/options.ts'
import { batch } from './batch.ts'
import type { Context } from './context.ts'
import { adviceOnLinux, failure, STATUS } from './failure.ts'
import { Session } from './session.ts'
import { ENTRIES, TOPICS } from './tree.ts'

/**
 * Runs one command line, `argv` without the program's name, and returns the exit status: 0 done, 1 the words are wrong or
 * a replay differs, 2 the kernel refused, 3 the kernel is not as declared, 255 anything else failed. Never throws for what a user can do.
 */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  const session = new Session(context, noOptions(), { entries: ENTRIES, run: runLine })
  const status = await runLine(argv, session)
  try {
    await session.close()
  } catch (e) {
    context.writeError(failure(e, undefined).text)
    return status === STATUS.done ? STATUS.other : status
  }
  return status
}

/** Runs one line in a session: its options hold unless the line has others. */
async function runLine(argv: readonly string[], session: Session): Promise<number> {
  let path: string | undefined
  let inner: Session | undefined
  try {
    const reader = new OptionReader(session.options)
    const line = readLine(ENTRIES, argv, reader, (known) => {
      path = known
    })
    const options = reader.options
    inner = session.with(options)
    if (options.version) {
      await session.say(`netkit ${session.context.version}\n`)
      return STATUS.done
    }
    if (line && !isHelp(line) && !options.help) {
      const args = line.reader.finish()
      reader.finish()
      try {
        await line.command.run(args as never, inner)
      } finally {
        await inner.showHeld()
      }
      return STATUS.done
    }
    reader.finish()
    if (!line && options.batch !== undefined && !options.help) return await batch(options.batch, inner)
    await inner.say(helpText(line?.about ?? [], look(inner)))
    return line || options.help ? STATUS.done : STATUS.usage
  } catch (e) {
    const { text, status } = failure(e, path)
    session.context.writeError(inner && talksToLinux(inner) ? text + adviceOnLinux(e) : text)
    return status
  }
}

/** NETKIT_KERNEL may name no kernel: that has been said then. */
function talksToLinux(session: Session): boolean {
  try {
    return session.kernelName === 'linux'
  } catch {
    return false
  }
}

const look = (session: Session): HelpLook => ({ width: session.width, strong: session.style.strong })

/** Help about everything, an object or a command. */
export function helpText(about: readonly string[], look: HelpLook): string {
  const [first, second] = about
  const entry = ENTRIES.find((e) => e.name === first)
  if (!entry) return overview(TOPICS, look)
  if (!isGroup(entry)) return commandHelp(entry.name, entry, look)
  const command = entry.commands.find((c) => c.name === second)
  return command ? commandHelp(`${first} ${second}`, command, look) : groupHelp(entry, look)
}
