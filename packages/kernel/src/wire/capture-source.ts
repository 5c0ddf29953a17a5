import { CaptureFormatError } from './pcap/format-error.ts'
import { LINKTYPE_ETHERNET, linkTypeName } from './pcap/link-types.ts'
import { CaptureParser } from './pcap/parser.ts'
import { type CaptureInterface, NEED_MORE, RECORD, type RecordCursor } from './pcap/record.ts'
import { timeBetween } from './pcap/timestamp.ts'
import type { WireFrame, WireSource, WireWorld } from './wire.ts'

/** A capture: its bytes, or what opens it for reading from the beginning, once per pass. */
export type CaptureInput = Uint8Array | (() => AsyncIterable<Uint8Array> | Iterable<Uint8Array>)

export interface CaptureSourceOptions {
  /** As fast as the NIC fetches, or by the frames' timestamps. Default: full. */
  pace?: 'full' | 'timestamps'
  /** Needed to go by timestamps. */
  world?: WireWorld
  /** How many times as fast as the timestamps, default 1. */
  speed?: number
}

export interface PlayOptions {
  /** Frames to play, then pause. Default: all. */
  frames?: number
  /** Passes over the capture, default 1. */
  loop?: number
  /** Playing has stopped: at its end, after `frames`, or because of an error. Called when the NIC asks for a frame and there is
   *  none; what it fetched just before may still be in its hands. */
  done?: (error?: Error) => void
}

/** Plays a capture into a NIC. Only as much of it is read as the NIC fetches. */
export class CaptureSource implements WireSource {
  /** Frames and bytes that the NIC has fetched. */
  frames = 0
  bytes = 0
  /** Whether the capture has been played to its end. */
  finished = false
  private readonly input: CaptureInput
  private readonly world: WireWorld | undefined
  private readonly speed: number
  private ready: (() => void) | undefined
  private parser: CaptureParser | undefined
  private chunks: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined
  private waitingForChunk = false
  private playing = false
  private framesLeft = 0
  private passesLeft = 0
  private done: ((error?: Error) => void) | undefined
  /** The parser stands at a packet that is not due yet. */
  private held = false
  private timer: { cancel(): void } | undefined
  /** When the first timed frame of this stretch was played, and what its timestamp was. */
  private startedAt = -1n
  private readonly startTime = { tsHi: 0, tsLo: 0 }

  constructor(input: CaptureInput, options: CaptureSourceOptions = {}) {
    const { pace = 'full', world, speed = 1 } = options
    if (pace === 'timestamps' && !world) throw new TypeError('to go by timestamps, a capture source needs a clock')
    if (!(speed > 0)) throw new RangeError(`speed is ${speed}; it must be more than 0`)
    this.input = input
    this.world = pace === 'timestamps' ? world : undefined
    this.speed = speed
  }

  open(ready: () => void): void {
    this.ready = ready
    if (this.playing) ready()
  }

  /** Begins, or goes on where it paused. An Error while it plays. */
  play(options: PlayOptions = {}): void {
    if (this.playing) throw new Error('the capture is being played already')
    this.playing = true
    this.finished = false
    this.framesLeft = options.frames ?? Number.POSITIVE_INFINITY
    this.passesLeft = (options.loop ?? 1) - 1
    this.done = options.done
    this.startedAt = -1n
    this.ready?.()
  }

  next(frame: WireFrame): boolean {
    if (!this.playing || this.waitingForChunk) return false
    try {
      return this.fetch(frame)
    } catch (error) {
      this.stop(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }

  close(): void {
    this.ready = undefined
    if (this.playing) this.stop()
    else this.abandon()
  }

  private fetch(frame: WireFrame): boolean {
    if (this.framesLeft <= 0) {
      this.pause()
      return false
    }
    while (!this.held) {
      this.parser ??= this.begin()
      const found = this.parser.next()
      if (found === RECORD) this.held = true
      else if (found === NEED_MORE) {
        if (!this.feed(this.parser)) return false
      } else if (!this.nextPass()) return false
    }
    const record = (this.parser as CaptureParser).record
    if (this.world && !this.isDue(record, this.world)) return false
    this.held = false
    this.show(record, frame)
    this.frames++
    this.bytes += frame.length
    this.framesLeft--
    return true
  }

  private show(record: RecordCursor, frame: WireFrame): void {
    const { iface } = record
    if (iface.linkType !== LINKTYPE_ETHERNET) throw new CaptureFormatError(wrongLinkType(iface), record.position)
    // A checksum at the end is not the NIC's to see; a capture that cut the frame has cut that first.
    const fcs = record.length === record.originalLength ? Math.min(iface.fcsLength, record.length) : 0
    frame.handle = -1
    frame.bytes = record.bytes
    frame.offset = record.offset
    frame.length = record.length - fcs
    frame.originalLength = record.originalLength - fcs
    frame.tsHi = record.tsHi
    frame.tsLo = record.tsLo
  }

  private begin(): CaptureParser {
    const parser = new CaptureParser()
    if (this.input instanceof Uint8Array) {
      parser.feed(this.input)
      parser.finish()
    } else {
      const chunks = this.input()
      this.chunks = Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
    }
    return parser
  }

  /** Gives the parser more bytes. False: they come later, and `ready` is called then. */
  private feed(parser: CaptureParser): boolean {
    const result = (this.chunks as AsyncIterator<Uint8Array> | Iterator<Uint8Array>).next()
    if (!('then' in result)) {
      if (result.done) parser.finish()
      else parser.feed(result.value)
      return true
    }
    this.waitingForChunk = true
    result.then(
      (chunk) => {
        this.waitingForChunk = false
        if (this.parser !== parser) return
        if (chunk.done) parser.finish()
        else parser.feed(chunk.value)
        this.ready?.()
      },
      (error: unknown) => {
        this.waitingForChunk = false
        if (this.parser === parser) this.stop(error instanceof Error ? error : new Error(String(error)))
      },
    )
    return false
  }

  private nextPass(): boolean {
    this.abandon()
    this.startedAt = -1n
    if (this.passesLeft-- > 0) return true
    this.finished = true
    this.stop()
    return false
  }

  private isDue(record: RecordCursor, world: WireWorld): boolean {
    if (!record.timed) return true
    const now = world.now()
    if (this.startedAt < 0n) {
      this.startedAt = now
      this.startTime.tsHi = record.tsHi
      this.startTime.tsLo = record.tsLo
    }
    // Frames out of order have a time that has passed: they are due at once.
    const wait = timeBetween(this.startTime, record) / this.speed - Number(now - this.startedAt)
    if (wait <= 0) return true
    this.timer ??= world.schedule(now + BigInt(Math.ceil(wait)), () => {
      this.timer = undefined
      this.ready?.()
    })
    return false
  }

  /** Playing stops here and can go on from here. */
  private pause(): void {
    this.playing = false
    const done = this.done
    this.done = undefined
    done?.()
  }

  /** Playing stops, and begins at the beginning next time. */
  private stop(error?: Error): void {
    this.abandon()
    this.playing = false
    const done = this.done
    this.done = undefined
    done?.(error)
  }

  private abandon(): void {
    this.timer?.cancel()
    this.timer = undefined
    this.held = false
    this.parser = undefined
    // Not awaited: nothing depends on when a file is closed. A failure to close it is nobody's business any more.
    const returned = this.chunks?.return?.()
    if (returned && 'then' in returned) returned.then(undefined, () => undefined)
    this.chunks = undefined
  }
}

const wrongLinkType = ({ index, name, linkType }: CaptureInterface): string =>
  `interface ${index}${name === undefined ? '' : ` (${name})`} of the capture has link type ${linkTypeName(linkType)}; ` +
  `a NIC's wire carries link type ${linkTypeName(LINKTYPE_ETHERNET)}`
