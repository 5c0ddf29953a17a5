import { connect, type Kernel, type Namespace } from 'netkit'
import type { Entry as GrammarEntry } from '../grammar/command.ts'
import type { Options } from '../grammar/options.ts'
import { type Column, columns, widthFor } from '../print/columns.ts'
import type { Entry } from '../print/entry.ts'
import { compact, type Json, pretty } from '../print/json.ts'
import { type Style, styleFor } from '../print/style.ts'
import type { Context } from './context.ts'

const DEFAULT_WIDTH = 80
/** Characters that are written at once. */
const CHUNK = 65_536

/** What the lines of one run share: the connection to the kernel, opened when it is first needed. */
class Connection {
  readonly #context: Context
  #kernel: Promise<Kernel> | undefined
  readonly #places = new Map<string, Promise<Namespace>>()

  constructor(context: Context) {
    this.#context = context
  }

  kernel(): Promise<Kernel> {
    const { kernel, writeError } = this.#context
    this.#kernel ??= connect(kernel, { onWarning: (w) => writeError(`Warning: ${w.op}: ${w.text}\n`) })
    return this.#kernel
  }

  /** A namespace by name, open until the run ends. */
  place(name: string): Promise<Namespace> {
    let place = this.#places.get(name)
    if (!place) {
      place = this.kernel().then((kernel) => kernel.namespaces.open(name))
      this.#places.set(name, place)
      place.catch(() => this.#places.delete(name))
    }
    return place
  }

  /** Lets go of a namespace, so that it can go. */
  async leave(name: string): Promise<void> {
    const place = this.#places.get(name)
    this.#places.delete(name)
    await (await place?.catch(() => undefined))?.close()
  }

  async close(): Promise<void> {
    const kernel = await this.#kernel?.catch(() => undefined)
    await kernel?.close()
  }
}

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
  readonly #connection: Connection
  readonly program: Program

  constructor(context: Context, options: Options, program: Program, shared?: Session) {
    this.context = context
    this.options = options
    this.program = program
    this.#connection = shared ? shared.#connection : new Connection(context)
    this.style = styleFor(options.color === 'always' || (options.color === 'auto' && wantsColors(context)))
  }

  /** The same connection with other options. */
  with(options: Options): Session {
    return new Session(this.context, options, this.program, this)
  }

  /** Runs another command line with these options; returns its exit status. */
  run(argv: readonly string[]): Promise<number> {
    return this.program.run(argv, this)
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

  /** Closes the namespace if this run has it open. */
  leave(name: string): Promise<void> {
    return this.#connection.leave(name)
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  get width(): number {
    return this.context.width ?? DEFAULT_WIDTH
  }

  async say(text: string): Promise<void> {
    await this.context.write(text)
  }

  /** Prints a value as JSON, as the options want it. */
  async json(value: Json): Promise<void> {
    await this.say(this.options.pretty ? `${pretty(value)}\n` : `${compact(value)}\n`)
  }

  /** Prints records, one after the other, or as a JSON list. */
  async entries(list: readonly Entry[]): Promise<void> {
    if (this.options.json) {
      await this.json(list.map((entry) => entry.json))
      return
    }
    let text = ''
    for (const entry of list) {
      text += `${entry.text(this.options.oneline)}\n`
      if (text.length < CHUNK) continue
      await this.say(text)
      text = ''
    }
    if (text !== '') await this.say(text)
  }

  /** Prints rows below titles, or the same as JSON. An empty table prints nothing. */
  async table(heads: readonly Column[], rows: readonly (readonly string[])[], json: Json): Promise<void> {
    if (this.options.json) await this.json(json)
    else if (rows.length > 0) await this.say(columns(heads, rows, await widthFor(rows), this.style.strong))
  }
}

const wantsColors = ({ colors, env }: Context): boolean => colors === true && !env?.NO_COLOR
