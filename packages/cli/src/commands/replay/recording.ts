import { NETLINK_GENERIC, NETLINK_ROUTE } from '@netkit/netlink'
import type { Requester } from '../replay-kernel.ts'
import { parseTemplate, type Template } from './template.ts'

/** A message of a recording: its bytes, with places for what differs from run to run. */
export interface RecordedMessage {
  readonly template: Template
}

export interface RecordedNotification extends RecordedMessage {
  readonly ns: string
  readonly protocol: number
}

interface StepBase {
  readonly step: number
  readonly note: string | undefined
  readonly notify: readonly RecordedNotification[]
}

export type Step = StepBase &
  (
    | { readonly op: 'ns-add'; readonly ns: string; readonly fd: number; readonly owned: boolean }
    | { readonly op: 'ns-del'; readonly ns: string }
    | { readonly op: 'process'; readonly ns: string; readonly pid: number }
    | {
        readonly op: 'nic-add'
        readonly ns: string
        readonly nic: number
        readonly queues: number
        readonly result: RecordedResult
      }
    | { readonly op: 'nic-del'; readonly nic: number; readonly result: RecordedResult }
    | {
        readonly op: 'netlink'
        readonly ns: string
        readonly protocol: number
        readonly sock: RecordedSocket
        readonly request: Template
        readonly sendErrno: number
        readonly replies: readonly RecordedMessage[]
      }
  )

/** What a step that is no request led to. */
export interface RecordedResult {
  readonly errno: number
  readonly ifindex?: number
  readonly ifname?: string
}

export interface RecordedSocket {
  readonly portId: number
  readonly extAck: boolean
  readonly capAck: boolean
  readonly strict: boolean
  readonly as: Requester | undefined
}

export interface Recording {
  readonly scenario: string
  readonly title: string
  readonly steps: readonly Step[]
}

/** A file is not a recording: says in which line, and what was expected. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError'
}

type Line = Readonly<Record<string, unknown>>

const FORMAT = 1
const PROTOCOLS: Readonly<Record<string, number>> = { route: NETLINK_ROUTE, generic: NETLINK_GENERIC }
const REQUESTERS: readonly string[] = ['user', 'nocap', 'send-user', 'send-nocap']

/** Reads a recording: JSON lines, the first about the scenario, each other one a step. Throws RecordingError. */
export function readRecording(text: string): Recording {
  const lines = text.split('\n').map((line, i) => ({ line, number: i + 1 }))
  const [first, ...rest] = lines
    .filter(({ line }) => line.trim() !== '')
    .map(({ line, number }) => new Reader(number, parse(line, number)))
  if (!first) throw new RecordingError('line 1: a recording begins with a line about the scenario, the file is empty')
  const format = first.number('format')
  if (format !== FORMAT) throw first.fail(`format ${format} is unknown, expected ${FORMAT}`)
  const defs = first.optional('defs') === undefined ? {} : (first.object('defs') as Record<string, string>)
  return {
    scenario: first.string('scenario'),
    title: typeof first.optional('title') === 'string' ? first.string('title') : '',
    steps: rest.map((line) => stepOf(line, defs)),
  }
}

function stepOf(line: Reader, defs: Readonly<Record<string, string>>): Step {
  const base = {
    step: line.number('step'),
    note: line.optional('note') === undefined ? undefined : line.string('note'),
    notify: line
      .list('notify')
      .map((m) => ({ ns: m.string('ns'), protocol: protocolOf(m), template: m.template('hex', defs) })),
  }
  const op = line.string('op')
  switch (op) {
    case 'ns-add':
      return { ...base, op, ns: line.string('ns'), fd: line.number('fd'), owned: line.optional('owner') !== undefined }
    case 'ns-del':
      return { ...base, op, ns: line.string('ns') }
    case 'process':
      return { ...base, op, ns: line.string('ns'), pid: line.number('pid') }
    case 'nic-add':
      return {
        ...base,
        op,
        ns: line.string('ns'),
        nic: line.number('nic'),
        queues: line.number('queues'),
        result: resultOf(line),
      }
    case 'nic-del':
      return { ...base, op, nic: line.number('nic'), result: resultOf(line) }
    case 'netlink': {
      const result = line.optional('result') === null ? undefined : line.inner('result')
      return {
        ...base,
        op,
        ns: line.string('ns'),
        protocol: protocolOf(line),
        sock: socketOf(line.inner('sock')),
        request: line.inner('req').template('hex', defs),
        sendErrno: result?.optional('send_errno') === undefined ? 0 : result.number('send_errno'),
        replies: line.list('replies').map((m) => ({ template: m.template('hex', defs) })),
      }
    }
    default:
      throw line.fail(`op '${op}' is unknown; known are ns-add, ns-del, process, nic-add, nic-del and netlink`)
  }
}

const resultOf = (line: Reader): RecordedResult =>
  line.optional('result') === undefined ? { errno: 0 } : (line.object('result') as unknown as RecordedResult)

function protocolOf(line: Reader): number {
  const name = line.string('proto')
  const protocol = PROTOCOLS[name]
  if (protocol === undefined) throw line.fail(`proto '${name}' is unknown; known are route and generic`)
  return protocol
}

function socketOf(sock: Reader): RecordedSocket {
  const as = sock.optional('as') === undefined ? undefined : sock.string('as')
  if (as !== undefined && !REQUESTERS.includes(as))
    throw sock.fail(`as '${as}' is unknown; known are ${REQUESTERS.join(', ')}`)
  const on = (key: string): boolean => sock.optional(key) !== undefined && sock.optional(key) !== 0
  return {
    portId: sock.number('portid'),
    extAck: on('ext_ack'),
    capAck: on('cap_ack'),
    strict: on('strict'),
    as: as as Requester | undefined,
  }
}

function parse(line: string, number: number): Line {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (e) {
    throw new RecordingError(`line ${number}: not JSON (${e instanceof Error ? e.message : e})`, { cause: e })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RecordingError(`line ${number}: not an object`)
  return value as Line
}

/** Takes members out of a line and says which one is not what it should be. */
class Reader {
  readonly #number: number
  readonly #value: Line

  constructor(number: number, value: Line) {
    this.#number = number
    this.#value = value
  }

  optional(key: string): unknown {
    return this.#value[key]
  }

  string(key: string): string {
    const value = this.#value[key]
    if (typeof value !== 'string') throw this.fail(`'${key}' must be a string`)
    return value
  }

  number(key: string): number {
    const value = this.#value[key]
    if (typeof value !== 'number') throw this.fail(`'${key}' must be a number`)
    return value
  }

  object(key: string): Line {
    const value = this.#value[key]
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.fail(`'${key}' must be an object`)
    return value as Line
  }

  inner(key: string): Reader {
    return new Reader(this.#number, this.object(key))
  }

  list(key: string): Reader[] {
    const value = this.#value[key]
    if (!Array.isArray(value)) throw this.fail(`'${key}' must be a list`)
    return value.map((item) => {
      if (typeof item !== 'object' || item === null) throw this.fail(`'${key}' must be a list of objects`)
      return new Reader(this.#number, item)
    })
  }

  template(key: string, defs: Readonly<Record<string, string>>): Template {
    const hex = this.string(key)
    try {
      return parseTemplate(hex, defs)
    } catch (e) {
      throw this.fail(`'${key}': ${e instanceof Error ? e.message : e}`)
    }
  }

  fail(what: string): RecordingError {
    return new RecordingError(`line ${this.#number}: ${what}`)
  }
}
