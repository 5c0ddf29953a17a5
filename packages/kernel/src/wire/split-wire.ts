import type { PacketBatch } from '../packet/batch.ts'
import type { Wire, WireFrame, WirePort, WireSink, WireSource } from './wire.ts'

/** A wire whose two directions have nothing to do with each other: a recording that is played, a recording that is made, a
 *  function. Its link is always up. */
export class SplitWire implements Wire {
  private readonly source: WireSource | undefined
  private readonly sink: WireSink | undefined
  private port: WirePort | undefined

  /** Without a source nothing is received. Without a sink, frames go nowhere, as with a receiver that ignores them. */
  constructor(source: WireSource | undefined, sink: WireSink | undefined) {
    this.source = source
    this.sink = sink
  }

  attach(port: WirePort): void {
    if (this.port) throw new Error('the wire is plugged in already')
    this.port = port
    this.source?.open(() => this.port?.ready())
    port.carrier(true)
  }

  detach(): void {
    const port = this.port
    if (!port) return
    this.port = undefined
    this.source?.close()
    this.sink?.close()
    port.carrier(false)
  }

  enable(on: boolean): void {
    // Frames that came while the NIC was closed wait in the source.
    if (on) this.port?.ready()
  }

  next(frame: WireFrame): boolean {
    return this.port !== undefined && this.source?.next(frame) === true
  }

  transmit(batch: PacketBatch): void {
    const packets = this.port?.packets
    if (!packets) throw new Error('the wire is not plugged in')
    if (this.sink) this.sink.transmit(packets, batch)
    else for (let i = 0; i < batch.count; i++) packets.free(batch.handles[i])
    batch.clear()
  }
}
