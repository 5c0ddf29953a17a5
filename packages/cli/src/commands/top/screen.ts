import type { Kernel, Where } from 'netkit'
import { Drawing } from '../../print/drawing.ts'
import type { Screen } from '../context.ts'
import { pause } from '../pause.ts'
import type { Session } from '../session.ts'
import { frameOf, type View } from './frame.ts'
import { History } from './history.ts'
import { type DeviceRates, ratesBetween, SORTS, type Sort } from './rates.ts'
import { type Sample, takeSample } from './sample.ts'

const ORDER = Object.keys(SORTS) as readonly Sort[]
/** The first rates come sooner than the others, so that there is something to look at. */
const FIRST_MS = 250

/** What keys do; undefined: it ends. */
const KEYS: Readonly<Record<string, (view: View, most: number) => View | undefined>> = {
  q: () => undefined,
  '\u0003': () => undefined,
  s: (v) => ({ ...v, sort: ORDER[(ORDER.indexOf(v.sort) + 1) % ORDER.length] }),
  i: (v) => ({ ...v, hideIdle: !v.hideIdle }),
  ' ': (v) => ({ ...v, paused: !v.paused }),
  '\u001b[A': (v, most) => ({ ...v, top: Math.max(0, Math.min(v.top, most) - 1) }),
  '\u001b[B': (v, most) => ({ ...v, top: Math.min(most, v.top + 1) }),
}

/** The live picture: samples at intervals, and keys that change how they are shown. */
export class TopScreen {
  readonly #session: Session
  readonly #screen: Screen
  readonly #drawing: Drawing
  readonly #history = new History()
  readonly #ended = new AbortController()
  #devices: readonly DeviceRates[] = []
  #time = 0
  #view: View
  #most = 0

  constructor(session: Session, screen: Screen, sort: Sort) {
    this.#view = { sort, hideIdle: false, paused: false, top: 0 }
    this.#session = session
    this.#screen = screen
    this.#drawing = new Drawing((text) => session.say(text))
  }

  /** Until somebody quits or interrupts. `interval`: ms. */
  async run(kernel: Kernel, where: Where, interval: number): Promise<void> {
    const { context } = this.#session
    const stop = () => this.#ended.abort()
    context.interrupted.addEventListener('abort', stop, { once: true })
    this.#screen.listen((key) => this.#press(key))
    await this.#drawing.begin()
    try {
      let before = await takeSample(kernel, where, context.now())
      for (let wait = Math.min(FIRST_MS, interval); !this.#ended.signal.aborted; wait = interval) {
        await pause(wait, this.#ended.signal)
        if (this.#view.paused || this.#ended.signal.aborted) continue
        before = await this.#show(before, await takeSample(kernel, where, context.now()))
      }
    } finally {
      context.interrupted.removeEventListener('abort', stop)
      await this.#drawing.end()
      this.#screen.close()
    }
  }

  async #show(before: Sample, after: Sample): Promise<Sample> {
    this.#devices = ratesBetween(before, after)
    this.#time = after.time
    this.#history.add(this.#devices)
    await this.#draw()
    return after
  }

  async #draw(): Promise<void> {
    const { kernelName, style, options } = this.#session
    const { columns, rows } = this.#screen
    const queues = this.#devices.reduce((sum, d) => sum + d.queues.length, 0)
    const place = options.netns === undefined ? '' : ` in ${options.netns}`
    const title = `${kernelName} kernel${place}, ${this.#devices.length} devices, ${queues} queues`
    const right = new Date(this.#time).toTimeString().slice(0, 8)
    const { lines, most } = frameOf(this.#devices, { title, right }, this.#view, this.#history, {
      columns,
      rows,
      style,
    })
    this.#most = most
    await this.#drawing.draw(lines, columns)
  }

  #press(key: string): void {
    const act = KEYS[key]
    const view = act ? act(this.#view, this.#most) : this.#view
    if (!view) {
      this.#ended.abort()
      return
    }
    this.#view = view
    if (this.#time > 0 && !this.#ended.signal.aborted) void this.#draw()
  }
}
