import type { ReplayKernel, ReplayMonitor, ReplaySocket, ReplaySocketOptions } from '@netkit/cli'
import { NETLINK_GENERIC, RTM_NEWLINK } from '@netkit/netlink'

/** A step as the recorder writes it down. */
interface Heard {
  readonly replies?: readonly string[]
  readonly send_errno?: number
  readonly notify: readonly (readonly [ns: string, proto: string, message: string])[]
  readonly error?: string
}

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (h) => Number.parseInt(h, 16))

/**
 * A real kernel after the fact: a recording was played on it, and it answers the same requests now with what it
 * answered then. So that recordings can be played side by side, and compared one after the other.
 */
export class PlayedBack implements ReplayKernel {
  readonly families: ReadonlyMap<string, number>
  readonly #steps: readonly Heard[]
  #at = -1
  #notify: Heard['notify'] = []

  constructor(steps: readonly unknown[], families: ReadonlyMap<string, number>) {
    this.#steps = steps as readonly Heard[]
    this.families = families
  }

  /** What happened in the step that begins now. */
  #next(): Heard {
    const step = this.#steps[++this.#at]
    if (step === undefined) throw new Error(`the recording ends before step ${this.#at}`)
    if (step.error !== undefined) throw new Error(step.error)
    return step
  }

  async namespaceAdd(): Promise<void> {
    this.#next()
  }

  async namespaceRemove(): Promise<void> {
    this.#next()
  }

  async process(): Promise<void> {
    this.#next()
  }

  async nicAdd(ns: string): Promise<{ ifindex: number; ifname: string }> {
    const { notify } = this.#next()
    const messages = notify
      .filter(([where, proto]) => where === ns && proto === 'route')
      .map(([, , hex]) => bytesOf(hex))
    const link = messages.find((bytes) => new DataView(bytes.buffer).getUint16(4, true) === RTM_NEWLINK)
    if (!link) throw new Error('no link message tells of the NIC')
    const view = new DataView(link.buffer)
    // The name is the first attribute of every link message.
    const ifname = new TextDecoder().decode(link.subarray(36, 32 + view.getUint16(32, true) - 1))
    return { ifindex: view.getInt32(20, true), ifname }
  }

  async nicRemove(): Promise<void> {
    this.#next()
  }

  async socket(_ns: string, _options: ReplaySocketOptions): Promise<ReplaySocket> {
    const { replies = [], send_errno = 0 } = this.#next()
    return { send: () => send_errno, drain: () => replies.map(bytesOf), close: () => undefined }
  }

  async monitor(ns: string): Promise<readonly ReplayMonitor[]> {
    return [0, NETLINK_GENERIC].map((protocol) => ({
      protocol,
      drain: () => {
        const name = protocol === NETLINK_GENERIC ? 'generic' : 'route'
        return this.#notify.filter(([where, proto]) => where === ns && proto === name).map(([, , hex]) => bytesOf(hex))
      },
      close: () => undefined,
    }))
  }

  async settle(): Promise<void> {
    this.#notify = this.#steps[this.#at]?.notify ?? []
  }

  close = (): Promise<void> => Promise.resolve()
}
