import { errno, KernelError, type MappedMemory, type XskDoor, type XskHandle } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'
import type { Process } from '../net/process.ts'
import { UNBOUND, XskSocket } from '../xsk/socket.ts'
import { namespaceOf } from './namespace-of.ts'

/** What a call returns, or the refusal that it stands for. */
function must<T>(op: string, result: T | number): T {
  if (typeof result === 'number' && result < 0) throw new KernelError({ op, errno: -result })
  return result as T
}

class EmbeddedXsk implements XskHandle {
  readonly fd: number
  readonly #kernel: Kernel
  readonly #process: Process
  readonly #socket: XskSocket

  constructor(kernel: Kernel, process: Process, socket: XskSocket) {
    this.#kernel = kernel
    this.#process = process
    this.#socket = socket
    this.fd = process.openXsk(socket, () => kernel.xsk.close(socket))
  }

  setsockopt(level: number, name: number, value: Uint8Array): void {
    must(`set option ${level}/${name}`, this.#kernel.xsk.setOption(this.#live(), level, name, value))
  }

  getsockopt(level: number, name: number, length: number): Uint8Array {
    return must(`get option ${level}/${name}`, this.#kernel.xsk.getOption(this.#live(), level, name, length))
  }

  mmap(length: number, offset: number): MappedMemory {
    const region = must(`map a ring at ${offset}`, this.#kernel.xsk.ring(this.#live(), length, offset))
    const memory = this.#kernel.applicationMemory
    let mapped = true
    return {
      address: region.offset,
      offset: region.offset,
      length: region.length,
      unmap() {
        if (mapped) memory.unpin(region)
        mapped = false
      },
    }
  }

  bind(address: Uint8Array): void {
    const kernel = this.#kernel
    must(
      'bind an AF_XDP socket',
      kernel.xsk.bind(this.#live(), address, (fd) => this.#socketAt(fd)),
    )
    kernel.afterRequest()
  }

  #socketAt(fd: number): XskSocket | number {
    const file = this.#process.files.get(fd)
    return file?.type === 'xsk' && file.socket instanceof XskSocket ? file.socket : -errno.ENOTSOCK
  }

  send(flags: number): number {
    return this.#socket.closed ? -errno.EBADF : this.#kernel.xsk.send(this.#socket, flags)
  }

  receive(flags: number): number {
    return this.#socket.closed ? -errno.EBADF : this.#kernel.xsk.receive(this.#socket, flags)
  }

  poll(events: number): number {
    return this.#socket.closed ? 0 : this.#kernel.xsk.poll(this.#socket, events)
  }

  async wait(events: number, timeout?: number): Promise<number> {
    const socket = this.#socket
    const { world } = this.#kernel
    const until = timeout === undefined ? undefined : world.now() + BigInt(Math.ceil(timeout * 1e6))
    while (true) {
      const now = this.poll(events)
      const over = until !== undefined && world.now() >= until
      if (now !== 0 || over || socket.closed || socket.state === UNBOUND) return now
      await new Promise<void>((resolve) => {
        const timer = until === undefined ? undefined : world.schedule(until, () => forget())
        const done = () => {
          timer?.cancel()
          resolve()
        }
        const stop = socket.watch(done)
        const forget = () => {
          stop()
          resolve()
        }
      })
    }
  }

  #live(): XskSocket {
    if (this.#socket.closed) throw new KernelError({ op: 'use an AF_XDP socket', errno: errno.EBADF })
    return this.#socket
  }

  close(): void {
    const file = this.#process.files.get(this.fd)
    if (file?.type !== 'xsk' || file.socket !== this.#socket) return
    this.#process.closeFile(this.fd)
    this.#kernel.afterRequest()
  }
}

/** AF_XDP sockets of an embedded kernel, for one client; they are its descriptors and go with it. */
export const xskDoor = (kernel: Kernel, process: Process): XskDoor => ({
  socket(type, protocol, namespace) {
    const op = 'open an AF_XDP socket'
    const ns = namespaceOf(process, namespace, op)
    return new EmbeddedXsk(kernel, process, must(op, kernel.xsk.open(ns, process.credentials, type, protocol)))
  },
})
