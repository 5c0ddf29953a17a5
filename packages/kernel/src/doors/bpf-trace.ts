import type { BpfObjects } from '../bpf/objects/objects.ts'
import { printTraceLine } from '../bpf/run/trace-log.ts'
import type { RecordSource } from './bpf-reader.ts'

/** What programs print, as lines of `trace_pipe`. */
export function traceSource({ runtime }: BpfObjects): RecordSource {
  const encoder = new TextEncoder()
  let lines: Uint8Array[] = []
  let stop: (() => void) | undefined
  return {
    hold() {
      stop = runtime.trace.read((line) => {
        lines.push(encoder.encode(printTraceLine(line)))
        for (const written of runtime.recordReaders) written()
      })
    },
    release: () => stop?.(),
    take() {
      const taken = lines
      lines = []
      return taken
    },
  }
}
