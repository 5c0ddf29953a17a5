import { type BpfPins, refused } from '@netkit/netlink'
import type { Kernel } from '../kernel.ts'

/** The BPF file system of an embedded kernel: paths that hold objects. */
export function bpfPins(kernel: Kernel): BpfPins {
  const { pins } = kernel.bpf
  return {
    list: async () => [...pins.keys()].sort(),
    // Paths are all there is: folders come with what is pinned in them.
    makeFolder: async () => undefined,
    async remove(path) {
      const op = `remove ${path}`
      if (!path.startsWith('/sys/fs/bpf/')) throw refused(op, 'EPERM', 'it is not in the BPF file system')
      const object = pins.get(path)
      if (!object) throw refused(op, 'ENOENT', 'nothing is pinned there')
      pins.delete(path)
      object.release()
      kernel.afterRequest()
    },
  }
}
