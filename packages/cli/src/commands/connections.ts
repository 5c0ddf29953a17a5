import { connect, dryRun, type Kernel, type Namespace } from 'netkit'
import type { KernelName } from '../grammar/values.ts'
import type { HeldStep } from '../print/held.ts'
import type { Json } from '../print/json.ts'
import type { Context } from './context.ts'

/** A connection to one kernel, opened when it is first needed, with the namespaces that lines act in. */
export class Connection {
  readonly #open: () => Promise<Kernel>
  #kernel: Promise<Kernel> | undefined
  readonly #places = new Map<string, Promise<Namespace>>()

  constructor(open: () => Promise<Kernel>) {
    this.#open = open
  }

  kernel(): Promise<Kernel> {
    this.#kernel ??= this.#open()
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

/** What the lines of one run share: one connection to each kernel that they talk to. */
export class Connections {
  readonly #context: Context
  readonly #known = new Map<string, Connection>()
  /** What the line that runs would have done if this were no dry run. */
  #held: HeldStep[] = []
  #notes: Json[] = []

  constructor(context: Context) {
    this.#context = context
  }

  /** `dry`: nothing is changed through it, and the steps that would change something are held. */
  to(name: KernelName, dry: boolean): Connection {
    const key = dry ? `${name}, dry` : name
    let known = this.#known.get(key)
    if (!known) {
      known = new Connection(() => this.#connect(name, dry))
      this.#known.set(key, known)
    }
    return known
  }

  hold(step: HeldStep): void {
    this.#held.push(step)
  }

  /** What is to be said of the steps, as a record. */
  note(record: Json): void {
    this.#notes.push(record)
  }

  get holds(): boolean {
    return this.#held.length > 0
  }

  /** What was held and noted since the last time. */
  takeHeld(): { readonly steps: readonly HeldStep[]; readonly notes: readonly Json[] } {
    const taken = { steps: this.#held, notes: this.#notes }
    this.#held = []
    this.#notes = []
    return taken
  }

  async close(): Promise<void> {
    for (const connection of this.#known.values()) await connection.close()
  }

  #connect(name: KernelName, dry: boolean): Promise<Kernel> {
    const context = this.#context
    const provider = () => context.kernel(name)
    return connect(dry ? dryRun(provider, (held) => this.hold(held)) : provider, {
      onWarning: (w) => context.writeError(`Warning: ${w.op}: ${w.text}\n`),
    })
  }
}
