import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface, type Interface } from 'node:readline'
import { linux } from '@netkit/linux'
import type { Kernel } from 'netkit'
import type { KernelKind, Lab } from '../kind.ts'

const BUS = '/sys/bus/netdevsim'

/** Numbers of NICs, which are the machine's: those of one process are unlike those of others. */
let last = 1000

/** One shell for all that is written to the bus: where a processor is emulated, to start one takes a second. */
class Shell {
  readonly #process: ChildProcessWithoutNullStreams = spawn('sh')
  readonly #lines: Interface = createInterface(this.#process.stdout)
  #last: Promise<unknown> = Promise.resolve()

  constructor() {
    this.#process.unref()
  }

  /** Runs a command, one after the other; rejects if it fails. */
  run(command: string): Promise<void> {
    const done = this.#last.then(() => this.#run(command))
    this.#last = done.catch(() => undefined)
    return done
  }

  async #run(command: string): Promise<void> {
    const answer = new Promise<string>((resolve) => this.#lines.once('line', resolve))
    // In braces: what the command itself writes to goes before.
    this.#process.stdin.write(`{ ${command}; } 2>&1 >/dev/null | tr '\\n' ' '; echo\n`)
    const said = await answer
    if (said !== '') throw new Error(`${command}: ${said}`)
  }
}

let shell: Shell | undefined

/** NICs are netdevsim's: they appear in the namespace of whoever writes their number. */
function lab(kernel: Kernel): Lab {
  const plugged = new Set<number>()
  shell ??= new Shell()
  const bus = shell
  const write = (command: string) => bus.run(command)
  const remove = async (id: number) => {
    plugged.delete(id)
    await write(`echo ${id} > ${BUS}/del_device`)
  }
  return {
    async plug(namespace, queues) {
      const id = ++last
      await write(`nsenter --net=/run/netns/${namespace} sh -c 'echo ${id} 1 ${queues} > ${BUS}/new_device'`)
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
