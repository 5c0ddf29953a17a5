import { existsSync, mkdirSync, readdirSync, statfsSync, unlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type BpfPins, refused } from '@netkit/netlink'

/** Where a BPF file system usually is. */
const ROOT = '/sys/fs/bpf'
/** Source: uapi linux/magic.h, BPF_FS_MAGIC. */
const MAGIC = 0xcafe_4a11

const isBpf = (folder: string): boolean => {
  try {
    return statfsSync(folder).type === MAGIC
  } catch {
    return false
  }
}

/** The BPF file system of the machine. Its folders are made and removed as others are. */
export const linuxPins: BpfPins = {
  async list() {
    if (!isBpf(ROOT)) return []
    const all = readdirSync(ROOT, { recursive: true, withFileTypes: true })
    return all
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name))
      .sort()
  },
  async makeFolder(path) {
    const missing: string[] = []
    for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at)
    const op = `make folder ${path}`
    if (!isBpf(missing.length > 0 ? dirname(missing[0]) : path))
      throw refused(op, 'EPERM', 'it is not in a BPF file system')
    for (const folder of missing) mkdirSync(folder, 0o700)
  },
  async remove(path) {
    const op = `remove ${path}`
    // What a mistyped path would cost is not to be had back.
    if (!isBpf(dirname(path))) throw refused(op, 'EPERM', 'it is not in a BPF file system')
    try {
      unlinkSync(path)
    } catch (e) {
      const { code } = e as NodeJS.ErrnoException
      throw refused(
        op,
        code === 'ENOENT' ? 'ENOENT' : 'EPERM',
        code === 'ENOENT' ? 'nothing is pinned there' : undefined,
      )
    }
  },
}
