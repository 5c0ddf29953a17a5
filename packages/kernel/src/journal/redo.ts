import type { ImpairmentOptions, KernelDoors, NamespaceHandle, NicModel, WireDirection } from '@netkit/netlink'
import { openDoors } from '../doors/open.ts'
import type { Kernel } from '../kernel.ts'
import type { NetNamespace } from '../net/namespace.ts'
import { Process } from '../net/process.ts'
import type { KeptWire, Wires } from './wires.ts'

/** A NIC as it was asked for; the namespace by its inode. */
export interface KeptNic {
  readonly model?: NicModel
  readonly queues?: number
  readonly name?: string
  readonly address?: string
  readonly id?: number
  readonly ns: number
}

/** Makes a change again, with the arguments that were written down. */
export type Redo = (args: unknown) => void

/** Nobody waits for what a change says that is made again: it has been said, and is the same. */
const ignore = (promise: Promise<unknown>): void => void promise.catch(() => undefined)

/** The doors of a kernel for root, as a client has them, with a namespace open. */
export function asRoot(
  kernel: Kernel,
  ns: NetNamespace,
  use: (doors: KernelDoors, handle: NamespaceHandle) => void,
): void {
  const process = new Process(0, kernel.root, kernel.initialNs)
  const close = () => Promise.resolve()
  const fd = process.openNamespace(ns)
  use(openDoors(kernel, process), { fd, inode: ns.inode, close, [Symbol.asyncDispose]: close })
  process.exit()
}

/**
 * Plugs a wire in as far as the state of the kernel goes: nothing is read or written yet, so that a journal can be done again
 * without touching a file.
 */
export function plugDummy(kernel: Kernel, nic: number, wire: KeptWire | undefined): void {
  asRoot(kernel, kernel.initialNs, ({ hardware }) => {
    const like = wire && wire.kind !== 'nic' ? ({ kind: 'capture' } as const) : wire
    if (hardware) ignore(hardware.connectWire(nic, like))
  })
}

/** Changes that do not come as datagrams, by the name that the journal calls them. */
export function redoTable(
  kernel: Kernel,
  wires: Wires,
  namespace: (inode: number) => NetNamespace,
): Readonly<Record<string, Redo>> {
  return {
    'namespace-add': (name) => kernel.names.add(name as string, kernel.createNamespace()),
    'namespace-remove': (name) => {
      kernel.names.delete(name as string)
      kernel.changes++
      kernel.settle()
    },
    'nic-add': (args) => {
      const { ns, ...options } = args as KeptNic
      asRoot(kernel, namespace(ns), ({ hardware }, handle) => {
        if (hardware) ignore(hardware.addNic({ ...options, namespace: handle }))
      })
    },
    'nic-remove': (id) => {
      wires.set(id as number, undefined)
      asRoot(kernel, kernel.initialNs, ({ hardware }) => {
        if (hardware) ignore(hardware.removeNic(id as number))
      })
    },
    'nic-wire': (args) => {
      const [id, wire] = args as [number, KeptWire | null]
      wires.set(id, wire ?? undefined)
      plugDummy(kernel, id, wire ?? undefined)
    },
    'nic-impair': (args) => {
      const [id, direction, options] = args as [number, WireDirection, ImpairmentOptions | null]
      asRoot(kernel, kernel.initialNs, ({ hardware }) => {
        if (hardware) ignore(hardware.impair(id, direction, options ?? undefined))
      })
    },
    sysctl: (args) => {
      const [inode, name, value] = args as [number, string, string]
      asRoot(kernel, namespace(inode), ({ sysctl }, handle) => {
        if (sysctl) ignore(sysctl.write(name, value, handle))
      })
    },
    ethtool: (args) => {
      const [inode, device, command] = args as [number, string, readonly number[]]
      asRoot(kernel, namespace(inode), ({ ethtoolIoctl }, handle) => {
        if (ethtoolIoctl) ignore(ethtoolIoctl.ethtool(device, Uint8Array.from(command), handle))
      })
    },
  }
}
