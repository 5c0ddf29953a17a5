import type { Kernel, Namespace } from 'netkit'
import type { Entry as GrammarEntry } from '../grammar/command.ts'
import type { Options } from '../grammar/options.ts'
import { UsageError } from '../grammar/usage-error.ts'
import { type KernelName, kernelName } from '../grammar/values.ts'
import { type Column, columns, widthFor } from '../print/columns.ts'
import type { Entry } from '../print/entry.ts'
import { type HeldStep, heldJson, heldText } from '../print/held.ts'
import { compact, type Json, pretty } from '../print/json.ts'
import { type Style, styleFor } from '../print/style.ts'
import { type Connection, Connections } from './connections.ts'
import type { Context } from './context.ts'

const DEFAULT_WIDTH = 80
/** Characters that are written at once. */
const CHUNK = 65_536

/** The command as a whole: what commands there are, and how a command line is run. */
export interface Program {
  readonly entries: readonly GrammarEntry<Session>[]
  run(argv: readonly string[], session: Session): Promise<number>
}

/** What a command runs in: its options, the kernel, and where its output goes. */
export class Session {
  readonly context: Context
  readonly options: Options
  readonly style: Style
  readonly #connections: Connections
  readonly program: Program

  constructor(context: Context, options: Options, program: Program, shared?: Session) {
    this.context = context
    this.options = options
    this.program = program
    this.#connections = shared ? shared.#connections : new Connections(context)
    this.style = styleFor(options.color === 'always' || (options.color === 'auto' && wantsColors(context)))
  }

  /** The same connections with other options. */
  with(options: Options): Session {
    return new Session(this.context, options, this.program, this)
  }

  /** Runs another command line with these options; returns its exit status. */
  run(argv: readonly string[]): Promise<number> {
    return this.program.run(argv, this)
  }

  /** Which kernel commands talk to. Throws UsageError where NETKIT_KERNEL names none. */
  get kernelName(): KernelName {
    const { kernel } = this.options
    const fromEnv = this.context.env?.NETKIT_KERNEL
    if (kernel !== undefined || !fromEnv) return kernel ?? 'embedded'
    const name = kernelName.parse(fromEnv)
    if (name === undefined) throw new UsageError(`NETKIT_KERNEL: '${fromEnv}' is not ${kernelName.allowed}`)
    return name
  }

  kernel(): Promise<Kernel> {
    return this.#connection.kernel()
  }

  /** Where the command acts: in the namespace of `-n`, if there is one; and what interrupts it. */
  async where(): Promise<{ readonly in: Namespace | undefined; readonly signal: AbortSignal }> {
    const { netns } = this.options
    return {
      in: netns === undefined ? undefined : await this.#connection.place(netns),
      signal: this.context.interrupted,
    }
  }

  get #connection(): Connection {
    return this.#connections.to(this.kernelName, this.options.dryRun)
  }

  /** Closes the namespace if this run has it open. */
  leave(name: string): Promise<void> {
    return this.#connection.leave(name)
  }

  close(): Promise<void> {
    return this.#connections.close()
  }

  get width(): number {
    return this.context.width ?? DEFAULT_WIDTH
  }

  async say(text: string): Promise<void> {
    await this.context.write(text)
  }

  /** In a dry run: notes what would be done, for a door that is none of the kernel's. */
  hold(step: HeldStep): void {
    this.#connections.hold(step)
  }

  /** In a dry run with JSON: notes what is to be said of the steps. */
  holdNote(record: Json): void {
    this.#connections.note(record)
  }

  /** Prints what a dry run has held back since the last time, if it has. */
  async showHeld(): Promise<void> {
    const { steps, notes } = this.#connections.takeHeld()
    if (steps.length === 0) return
    if (this.options.json) await this.json([...steps.map(heldJson), ...notes])
    else for (const step of steps) await this.say(heldText(step, this.width, this.style))
  }

  /** Prints a value as JSON, as the options want it. */
  async json(value: Json): Promise<void> {
    if (this.#isMoot) return
    await this.say(this.options.pretty ? `${pretty(value)}\n` : `${compact(value)}\n`)
  }

  /** What a command in a dry run says after it would have changed something is said of what is not there. */
  get #isMoot(): boolean {
    return this.#connections.holds
  }

  /** Prints records, one after the other, or as a JSON list. */
  async entries(list: readonly Entry[]): Promise<void> {
    if (this.options.json) {
      await this.json(list.map((entry) => entry.json))
      return
    }
    if (this.#isMoot) return
    let text = ''
    for (const entry of list) {
      text += `${entry.text(this.options.oneline)}\n`
      if (text.length < CHUNK) continue
      await this.say(text)
      text = ''
    }
    if (text !== '') await this.say(text)
  }

  /** Prints one record, as JSON an object. */
  async entry(entry: Entry): Promise<void> {
    if (this.options.json) await this.json(entry.json)
    else if (!this.#isMoot) await this.say(`${entry.text(this.options.oneline)}\n`)
  }

  /** Prints rows below titles, or the same as JSON. An empty table prints nothing. */
  async table(heads: readonly Column[], rows: readonly (readonly string[])[], json: Json): Promise<void> {
    if (this.options.json) await this.json(json)
    else if (rows.length > 0 && !this.#isMoot)
      await this.say(columns(heads, rows, await widthFor(rows), this.style.strong))
  }
}

const wantsColors = ({ colors, env }: Context): boolean => colors === true && !env?.NO_COLOR
