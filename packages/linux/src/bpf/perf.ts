import { takePerfRecords } from '@netkit/bpf'
import type { BpfPerfBuffer, BpfPerfOptions } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { NR_PERF_EVENT_OPEN } from '../ffi/numbers.ts'
import { mapFile } from './mapping.ts'
import { LinuxReader, type RecordPages } from './reader.ts'

const PAGE = 4096
const OP = 'open a perf event'

// linux/perf_event.h: struct perf_event_attr, as long as its version 6 is
const ATTR = { SIZE: 120, TYPE: 0, OWN_SIZE: 4, CONFIG: 8, SAMPLE_PERIOD: 16, SAMPLE_TYPE: 24, WAKEUP_EVENTS: 48 }
const PERF_TYPE_SOFTWARE = 1
const PERF_COUNT_SW_BPF_OUTPUT = 10n
const PERF_SAMPLE_RAW = 0x400n
const PERF_FLAG_FD_CLOEXEC = 8
const ANY_PROCESS = -1

/** The attributes of an event that programs write to: each write wakes its reader. */
function outputAttr(): Uint8Array {
  const bytes = new Uint8Array(ATTR.SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(ATTR.TYPE, PERF_TYPE_SOFTWARE, true)
  view.setUint32(ATTR.OWN_SIZE, ATTR.SIZE, true)
  view.setBigUint64(ATTR.CONFIG, PERF_COUNT_SW_BPF_OUTPUT, true)
  view.setBigUint64(ATTR.SAMPLE_PERIOD, 1n, true)
  view.setBigUint64(ATTR.SAMPLE_TYPE, PERF_SAMPLE_RAW, true)
  view.setUint32(ATTR.WAKEUP_EVENTS, 1, true)
  return bytes
}

/** Opens an event and maps its buffer. Throws KernelError. */
function openBuffer(c: Calls, { cpu = 0, pages = 8 }: BpfPerfOptions): RecordPages {
  const fd = c.perfEventOpen(NR_PERF_EVENT_OPEN[process.arch], outputAttr(), ANY_PROCESS, cpu, -1, PERF_FLAG_FD_CLOEXEC)
  if (fd < 0) throw failure(c, OP)
  try {
    const size = pages * PAGE
    const { buffer, unmap } = mapFile(c, fd, OP, { offset: 0, length: PAGE + size, writable: true })
    return { fd, take: () => takePerfRecords({ buffer, offset: 0, size }), unmap }
  } catch (e) {
    c.close(fd)
    throw e
  }
}

/** An event that programs write to on one CPU, and its reader. */
export class LinuxPerfBuffer extends LinuxReader implements BpfPerfBuffer {
  readonly fd: number

  constructor(c: Calls, options: BpfPerfOptions, onClose: (reader: LinuxReader) => void) {
    const pages = openBuffer(c, options)
    super(c, pages, onClose)
    this.fd = pages.fd
  }
}
