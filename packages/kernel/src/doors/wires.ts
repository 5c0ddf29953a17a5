import { refused, type WireOptions, type WireProgress } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import { CaptureSink } from '../wire/capture-sink.ts'
import { type CaptureInput, CaptureSource } from '../wire/capture-source.ts'
import { FunctionSink, InjectSource } from '../wire/function-wire.ts'
import { SplitWire } from '../wire/split-wire.ts'
import { TapSink, TapSource } from '../wire/tap-wire.ts'
import type { Wire, WireSink, WireSource } from '../wire/wire.ts'

/** A wire that was made for a client, with its parts. */
export interface MadeWire {
  readonly wire: Wire
  readonly source?: CaptureSource
  readonly sink?: CaptureSink
  readonly injected?: InjectSource
}

const NOTHING: WireProgress = { frames: 0, bytes: 0, sentFrames: 0, sentBytes: 0, finished: true }

/** How far a wire has got. */
export function progressOf(made: MadeWire | undefined): WireProgress {
  if (!made) return NOTHING
  const { source, sink } = made
  return {
    frames: source?.frames ?? 0,
    bytes: source?.bytes ?? 0,
    sentFrames: sink?.frames ?? 0,
    sentBytes: sink?.bytes ?? 0,
    finished: source?.finished ?? true,
  }
}

type CaptureWireOptions = WireOptions & { readonly kind: 'capture' }

function inputOf(kernel: Kernel, from: NonNullable<CaptureWireOptions['from']>, op: string): CaptureInput {
  if (from instanceof Uint8Array) return from
  const { files } = kernel
  if (!files) throw refused(op, 'EOPNOTSUPP', `this kernel has no files: give the bytes of ${from.path}`)
  return () => files.read(from.path)
}

function sinkOf(
  kernel: Kernel,
  to: NonNullable<CaptureWireOptions['to']>,
  op: string,
): { sink: CaptureSink; wrapped: WireSink } {
  const { world, epoch } = kernel
  if (typeof to === 'function') {
    const sink = new CaptureSink({ emit: to, world, epoch })
    return { sink, wrapped: sink }
  }
  const { files } = kernel
  if (!files) throw refused(op, 'EOPNOTSUPP', `this kernel has no files: ${to.path} cannot be written`)
  const file = files.write(to.path)
  const format = to.path.endsWith('.pcap') ? 'pcap' : 'pcapng'
  const sink = new CaptureSink({ emit: (chunk) => file.write(chunk), world, epoch, format })
  const wrapped: WireSink = {
    transmit(packets, batch) {
      sink.transmit(packets, batch)
      sink.flush()
    },
    close() {
      sink.close()
      file.close()
    },
  }
  return { sink, wrapped }
}

/** Makes a wire to a TAP interface of the machine. */
export async function makeTapWire(
  { openTap }: Kernel,
  options: Extract<WireOptions, { kind: 'tap' }>,
  op: string,
): Promise<MadeWire> {
  if (!openTap) throw refused(op, 'EOPNOTSUPP', 'this kernel has no way to TAP interfaces of a machine')
  const tap = await openTap(options)
  return { wire: new SplitWire(new TapSource(tap), new TapSink(tap)) }
}

/** Makes the wire that a client asks for, of those that lead neither to another NIC nor out of here. */
export function makeWire(kernel: Kernel, options: Exclude<WireOptions, { kind: 'nic' | 'tap' }>, op: string): MadeWire {
  if (options.kind === 'function') {
    const injected = new InjectSource()
    return { wire: new SplitWire(injected, new FunctionSink(options.transmit)), injected }
  }
  const source: CaptureSource | undefined =
    options.from && new CaptureSource(inputOf(kernel, options.from, op), { pace: options.pace, world: kernel.world })
  const to = options.to && sinkOf(kernel, options.to, op)
  return { wire: new SplitWire(source as WireSource | undefined, to?.wrapped), source, sink: to?.sink }
}
