import {
  DecodeError,
  type FamilyById,
  GENL_ID_CTRL,
  type GenlFamily,
  KernelError,
  NETLINK_GENERIC,
  splitMessages,
} from '@netkit/netlink'
import { commandOf, messageName } from '../../print/message/names.ts'
import type { ReplayKernel, ReplayMonitor } from '../replay-kernel.ts'
import { align } from './align.ts'
import { compareMessage } from './compare.ts'
import type { Recording, Step } from './recording.ts'
import { Bindings, fill, type Template, UnseenValueError } from './template.ts'

/** One difference between what was recorded and what this kernel did. */
export interface Difference {
  readonly step: number
  /** `reply 1`, `notification 2 in A, route`, `result`. */
  readonly where: string
  /** Name of the message: `RTM_NEWLINK`. */
  readonly message?: string
  /** The field; absent: the whole message. */
  readonly path?: string
  readonly want?: string
  readonly got?: string
  readonly note?: string
}

export interface StepResult {
  readonly step: Step
  /** Number of messages, replies and notifications, that were expected. */
  readonly messages: number
  readonly differences: readonly Difference[]
}

export const protocolName = (protocol: number): string => (protocol === NETLINK_GENERIC ? 'generic' : 'route')

/** Plays recordings to kernels and tells what they do differently. */
export class Replayer {
  readonly #kernel: ReplayKernel
  readonly #bindings = new Bindings()
  readonly #families: FamilyById
  readonly #monitors = new Map<string, readonly ReplayMonitor[]>()

  /** `families`: those whose messages can be decoded. */
  constructor(kernel: ReplayKernel, families: readonly GenlFamily[]) {
    this.#kernel = kernel
    const byId = new Map<number, GenlFamily>()
    for (const family of families) {
      const id = kernel.families.get(family.name)
      if (id !== undefined) byId.set(id, family)
    }
    this.#families = (id) => byId.get(id)
    for (const [name, id] of kernel.families) {
      if (id !== GENL_ID_CTRL) this.#bindings.bind(`$family:${name}`, littleEndian(id))
    }
  }

  /** Plays all steps; yields what came of each. */
  async *play(recording: Recording): AsyncGenerator<StepResult, void, undefined> {
    for (const step of recording.steps) {
      const differences = await this.#step(step)
      await this.#kernel.settle()
      differences.push(...this.#notifications(step))
      const messages = step.notify.length + (step.op === 'netlink' ? step.replies.length : 0)
      yield { step, messages, differences: differences.map((d) => ({ ...d, step: step.step })) }
    }
  }

  async #step(step: Step): Promise<Found[]> {
    try {
      return await this.#act(step)
    } catch (e) {
      if (e instanceof KernelError) return [{ where: 'result', want: 'done', got: e.message }]
      if (e instanceof UnseenValueError) return [{ where: 'request', note: e.message }]
      if (e instanceof DecodeError) return [{ where: 'replies', note: `no messages: ${e.message}` }]
      throw e
    }
  }

  async #act(step: Step): Promise<Found[]> {
    const kernel = this.#kernel
    switch (step.op) {
      case 'ns-add':
        await kernel.namespaceAdd(step.ns, step.fd, step.owned)
        this.#monitors.set(step.ns, await kernel.monitor(step.ns))
        return []
      case 'ns-del':
        for (const monitor of this.#monitors.get(step.ns) ?? []) monitor.close()
        this.#monitors.delete(step.ns)
        await kernel.namespaceRemove(step.ns)
        return []
      case 'process':
        await kernel.process(step.ns, step.pid)
        return []
      case 'nic-add': {
        const { ifindex, ifname } = await kernel.nicAdd(step.ns, step.nic, step.queues)
        const { result } = step
        return [...one('ifindex', result.ifindex, ifindex), ...one('ifname', result.ifname, ifname)]
      }
      case 'nic-del':
        await kernel.nicRemove(step.nic)
        return []
      case 'netlink':
        return await this.#request(step)
    }
  }

  async #request(step: Step & { op: 'netlink' }): Promise<Found[]> {
    const request = fill(step.request, this.#bindings)
    const socket = await this.#kernel.socket(step.ns, { protocol: step.protocol, ...step.sock })
    try {
      const errno = socket.send(request)
      const found = one('error number of the sending', step.sendErrno, errno)
      const replies = socket.drain().flatMap(messagesOf)
      return [
        ...found,
        ...this.#compare(
          step.replies.map((m) => m.template),
          replies,
          step.protocol,
          (n) => `reply ${n}`,
        ),
      ]
    } finally {
      socket.close()
    }
  }

  #notifications(step: Step): Found[] {
    const found: Found[] = []
    for (const [ns, monitors] of this.#monitors) {
      for (const monitor of monitors) {
        const { protocol } = monitor
        const got = monitor.drain().flatMap(messagesOf)
        const want = step.notify.filter((m) => m.ns === ns && m.protocol === protocol).map((m) => m.template)
        found.push(
          ...this.#compare(want, got, protocol, (n) => `notification ${n} in ${ns}, ${protocolName(protocol)}`),
        )
      }
    }
    return found
  }

  #compare(
    wants: readonly Template[],
    gots: readonly Uint8Array[],
    protocol: number,
    where: (n: number) => string,
  ): Found[] {
    const context = { protocol, families: this.#families, fromKernel: true }
    const nameOfGot = (bytes: Uint8Array) => nameIn(bytes, context)
    const nameOfWant = (template: Template) =>
      unboundType(template, this.#bindings) ?? nameIn(beginning(template, this.#bindings), context)
    const pairs = align(wants, gots, (want, got) => nameOfWant(want) === nameOfGot(got))
    return pairs.flatMap(({ want, got }, i): Found[] => {
      const at = where(i + 1)
      if (want === undefined) return [{ where: at, message: nameOfGot(got), note: 'was not expected' }]
      if (got === undefined) return [{ where: at, message: nameOfWant(want), note: 'is missing' }]
      const message = nameOfWant(want)
      return compareMessage(want, got, this.#bindings, context).map((d) => ({ where: at, message, ...d }))
    })
  }
}

type Found = Omit<Difference, 'step'>

/** Where a message's type stands. */
const TYPE_AT = 4

const one = (what: string, want: number | string | undefined, got: number | string): Found[] =>
  want === undefined || want === got ? [] : [{ where: 'result', path: what, want: String(want), got: String(got) }]

const littleEndian = (id: number): string =>
  [id & 0xff, id >> 8].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The messages of a datagram, each without padding behind it. */
const messagesOf = (datagram: Uint8Array): Uint8Array[] =>
  splitMessages(datagram).map((m) => m.data.bytes.slice(m.start, m.end))

/** The name of the place where a message's type stands, if its value has not been seen. */
function unboundType({ parts }: Template, bindings: Bindings): string | undefined {
  const type = parts.find((part) => part.at <= TYPE_AT && TYPE_AT < part.at + part.length)
  return type && 'name' in type && bindings.value(type.name) === undefined ? `a message of ${type.name}` : undefined
}

/** As many bytes as a message's name needs. */
function beginning(template: Template, bindings: Bindings): Uint8Array {
  const bytes = new Uint8Array(Math.min(template.length, 20))
  for (const part of template.parts) {
    if (part.at >= bytes.length) break
    const known = 'bytes' in part ? part.bytes : bindings.value(part.name)
    const value =
      typeof known === 'string' ? Uint8Array.from(known.match(/../g) ?? [], (h) => Number.parseInt(h, 16)) : known
    if (value) bytes.set(value.subarray(0, bytes.length - part.at), part.at)
  }
  return bytes
}

function nameIn(bytes: Uint8Array, context: Parameters<typeof messageName>[2]): string {
  if (bytes.length < 16) return `${bytes.length} bytes`
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return messageName(view.getUint16(4, true), commandOf({ u8: (at) => bytes[at] }, 0, bytes.length), context)
}
