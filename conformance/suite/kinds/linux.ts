import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { linux } from '@netkit/linux'
import type { Kernel } from 'netkit'
import type { KernelKind, Lab } from '../kind.ts'

const BUS = '/sys/bus/netdevsim'
const shell = promisify(execFile)

/** Numbers of NICs, which are the machine's: those of one process are unlike those of others. */
let last = 1000

/** NICs are netdevsim's: they appear in the namespace of whoever writes their number. */
function lab(kernel: Kernel): Lab {
  const plugged = new Set<number>()
  const remove = async (id: number) => {
    plugged.delete(id)
    await shell('sh', ['-c', `echo ${id} > ${BUS}/del_device`])
  }
  return {
    async plug(namespace, queues) {
      const id = ++last
      await shell('nsenter', [
        `--net=/run/netns/${namespace}`,
        'sh',
        '-c',
        `echo ${id} 1 ${queues} > ${BUS}/new_device`,
      ])
      plugged.add(id)
    },
    async unplug(namespace, name) {
      const { attrs } = await kernel.devices.get(name, { in: namespace })
      await remove(Number(attrs.parentDevName?.replace('netdevsim', '')))
    },
    async clear() {
      for (const id of plugged) await remove(id).catch(() => undefined) // it may have gone with its namespace
    },
  }
}

/** The machine's kernel: root in the first namespace, with netdevsim. */
export const LINUX: KernelKind = { name: 'linux', provider: linux, lab, quiet: 1300, skips: {} }
