import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'

const SYS_NET = '/sys/class/net'

/** A network device with hardware behind it. Source: Linux ABI, testing/sysfs-class-net and sysfs-class-net-queues. */
export interface NicFacts {
  readonly name: string
  /** The driver on its bus: `mlx5_core`, `netdevsim`. */
  readonly driver: string
  /** `pci`, `virtio`, `netdevsim`. */
  readonly bus: string
  readonly rxQueues: number
  readonly txQueues: number
}

/** Sorted by name. Empty where there is no sysfs. */
export function nicFacts(root = SYS_NET): readonly NicFacts[] {
  return entries(root)
    .filter((name) => existsSync(join(root, name, 'device', 'driver')))
    .map((name) => {
      const queues = entries(join(root, name, 'queues'))
      const target = (link: string) => basename(linkTarget(join(root, name, 'device', link)))
      return {
        name,
        driver: target('driver'),
        bus: target('subsystem'),
        rxQueues: queues.filter((queue) => queue.startsWith('rx-')).length,
        txQueues: queues.filter((queue) => queue.startsWith('tx-')).length,
      }
    })
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort()
  } catch {
    return []
  }
}

function linkTarget(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
