import { BPF_COMMANDS } from '@netkit/bpf'
import type { BpfCalls } from '../calls.ts'

const MAX_PATH = 4095

/** Something of bpf(2) that is open: it lives at least until it is closed, longer if it is pinned, attached or used by others. */
export abstract class BpfFile implements AsyncDisposable {
  /** Its descriptor, good for requests and other calls of the same connection. */
  readonly fd: number
  protected readonly calls: BpfCalls
  #open = true

  constructor(calls: BpfCalls, fd: number) {
    this.calls = calls
    this.fd = fd
  }

  /** How messages call it. */
  abstract get label(): string

  /**
   * Gives it a path in a BPF file system (on the embedded kernel: below `/sys/fs/bpf`), which holds it when this program has gone.
   * KernelError EEXIST, EPERM or EINVAL where the path is in no such file system.
   */
  async pin(path: string): Promise<void> {
    const op = `pin ${this.label} to ${path}`
    const pathname = this.calls.text(op, path.slice(0, MAX_PATH))
    await this.calls.call(BPF_COMMANDS.objPin, {
      op,
      values: { pathname: pathname.address, bpfFd: this.fd },
      memory: [pathname],
    })
  }

  /** Closes the descriptor; what it stood for stays if something else holds it. */
  async close(): Promise<void> {
    if (!this.#open) return
    this.#open = false
    await this.calls.door(`close ${this.label}`).closeFile(this.fd)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
