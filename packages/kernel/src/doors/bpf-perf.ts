import { type BpfPerfBuffer, type BpfPerfOptions, refused } from '@netkit/netlink'
import type { BpfObjects } from '../bpf/objects/objects.ts'
import { PerfEvent } from '../bpf/objects/perf-event.ts'
import type { Process } from '../net/process.ts'
import { EmbeddedReader } from './bpf-reader.ts'

const PAGE = 4096
const MOST_PAGES = 1024
const OP = 'open a perf event'

/** The buffer of a new perf event, and its reader. */
export class EmbeddedPerfBuffer extends EmbeddedReader implements BpfPerfBuffer {
  readonly fd: number
  readonly #process: Process

  /** Throws KernelError: EINVAL, ENODEV, ENOMEM. */
  constructor(
    objects: BpfObjects,
    process: Process,
    { cpu = 0, pages = 8 }: BpfPerfOptions,
    onClose: (buffer: EmbeddedReader) => void,
  ) {
    const isPower = Number.isInteger(pages) && pages > 0 && (pages & (pages - 1)) === 0
    if (!isPower || pages > MOST_PAGES) throw refused(OP, 'EINVAL', `${pages} pages are no power of two up to 1024`)
    if (cpu !== 0) throw refused(OP, 'ENODEV', `there is no CPU ${cpu}`)
    const event = PerfEvent.open(objects.memory, pages * PAGE)
    if (!event) throw refused(OP, 'ENOMEM')
    super(objects, event, onClose)
    this.#process = process
    this.fd = process.openObject(event)
  }

  override async close(): Promise<void> {
    this.#process.closeFile(this.fd)
    await super.close()
  }
}
