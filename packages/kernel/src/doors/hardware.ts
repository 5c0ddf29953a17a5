import {
  fromHex,
  type HardwareDoor,
  type ImpairmentInfo,
  impairmentFault,
  KernelError,
  type NicInfo,
  refused,
  type WireOptions,
} from '@netkit/netlink'
import { CAP_SYS_ADMIN } from '../access/capability.ts'
import { capableIn } from '../access/credentials.ts'
import { connectWire, impair } from '../drivers/nic/port.ts'
import { restartQueue } from '../drivers/nic/queues.ts'
import { nicState } from '../drivers/nic/state.ts'
import { setCable } from '../drivers/nic/updown.ts'
import type { Kernel } from '../kernel.ts'
import type { Device } from '../net/device.ts'
import type { Process } from '../net/process.ts'
import { cable } from '../wire/cable.ts'
import type { Impairment } from '../wire/impairment.ts'
import { faultsDoor } from './faults.ts'
import { namespaceOf } from './namespace-of.ts'
import { type MadeWire, makeTapWire, makeWire, progressOf } from './wires.ts'

const ETH_ALEN = 6

/** The wires of a kernel's NICs: shared by all of its clients. */
const wiresOf = new WeakMap<Kernel, Map<number, MadeWire>>()

function wires(kernel: Kernel): Map<number, MadeWire> {
  const known = wiresOf.get(kernel)
  if (known) return known
  const made = new Map<number, MadeWire>()
  wiresOf.set(kernel, made)
  return made
}

function addressBytes(text: string | undefined, op: string): Uint8Array | undefined {
  if (text === undefined) return undefined
  const bytes = fromHex(text)
  if (bytes.length !== ETH_ALEN) throw refused(op, 'EINVAL', `'${text}' is no address of 6 bytes`)
  return bytes
}

const infoOf = (id: number, dev: Device): NicInfo => ({ id, ifindex: dev.ifindex, name: dev.name })

const NO_COUNTERS = { lost: 0, duplicated: 0, corrupted: 0, reordered: 0, overlimit: 0, waiting: 0 }

/** Without a wire, nothing has suffered yet. */
function impairmentOf(
  options: ImpairmentInfo['options'] | undefined,
  at: Impairment | undefined,
): ImpairmentInfo | undefined {
  if (!options) return undefined
  const { lost, duplicated, corrupted, reordered, overlimit, waiting } = at ?? NO_COUNTERS
  return { options, lost, duplicated, corrupted, reordered, overlimit, waiting }
}

/** The machine room of an embedded kernel, for one client: root of the initial user namespace alone is let in to change anything. */
export function hardwareDoor(kernel: Kernel, process: Process): HardwareDoor {
  const demandRoot = (op: string): void => {
    if (!capableIn(process.credentials, kernel.initialUserNs, CAP_SYS_ADMIN))
      throw refused(op, 'EPERM', 'CAP_SYS_ADMIN is required')
  }
  const nic = (id: number, op: string): Device => {
    const dev = kernel.nics.nics.get(id)
    if (!dev) throw refused(op, 'ENOENT', `there is no NIC ${id}`)
    return dev
  }
  const plug = (id: number, made: MadeWire, op: string): void => {
    connectWire(kernel, nic(id, op), made.wire)
    wires(kernel).set(id, made)
    kernel.afterRequest()
  }
  /** At once, unless somebody outside has to be asked. */
  const connect = (id: number, options: WireOptions | undefined, op: string): void | Promise<void> => {
    const dev = nic(id, op)
    const all = wires(kernel)
    if (!options) {
      connectWire(kernel, dev, undefined)
      all.delete(id)
    } else if (options.kind === 'nic') {
      if (options.id === id) throw refused(op, 'EINVAL', 'a NIC cannot be connected to itself')
      const other = nic(options.id, op)
      const [here, there] = cable()
      connectWire(kernel, dev, here)
      connectWire(kernel, other, there)
      all.delete(id)
      all.delete(options.id)
    } else if (options.kind === 'tap') return makeTapWire(kernel, options, op).then((made) => plug(id, made, op))
    else return plug(id, makeWire(kernel, options, op), op)
    kernel.afterRequest()
  }
  return {
    async addNic(o) {
      const op = 'plug in a NIC'
      demandRoot(op)
      const ns = namespaceOf(process, o.namespace, op)
      const dev = kernel.nics.plug({
        ns,
        model: o.model,
        queues: o.queues,
        id: o.id,
        name: o.name,
        address: addressBytes(o.address, op),
      })
      const id = [...kernel.nics.nics].find(([, d]) => d === dev)?.[0] ?? 0
      kernel.afterRequest()
      try {
        if (o.wire) await connect(id, o.wire, op)
      } catch (e) {
        kernel.nics.unplug(id)
        kernel.afterRequest()
        throw e
      }
      return infoOf(id, dev)
    },
    async removeNic(id) {
      demandRoot(`unplug NIC ${id}`)
      kernel.nics.unplug(id)
      wires(kernel).delete(id)
      kernel.afterRequest()
    },
    listNics: async () => [...kernel.nics.nics].map(([id, dev]) => infoOf(id, dev)),
    async connectWire(id, options) {
      const op = `connect a wire to NIC ${id}`
      demandRoot(op)
      await connect(id, options, op)
    },
    play(id, options = {}) {
      const op = `play into NIC ${id}`
      demandRoot(op)
      const dev = nic(id, op)
      const made = wires(kernel).get(id)
      const source = made?.source
      if (!source) throw refused(op, 'EINVAL', 'its wire plays no recording')
      if (!dev.up) throw refused(op, 'ENETDOWN', `${dev.name} is down: nothing would be received`)
      return new Promise((resolve, reject) => {
        source.play({
          ...options,
          done: (error) =>
            error
              ? reject(new KernelError({ op, errno: 5, extack: error.message, cause: error }))
              : resolve(progressOf(made)),
        })
      })
    },
    async progress(id) {
      nic(id, `look at NIC ${id}`)
      return progressOf(wires(kernel).get(id))
    },
    async setLink(id, up) {
      const op = `set the link of NIC ${id}`
      demandRoot(op)
      const dev = nic(id, op)
      if (!nicState(dev).port) throw refused(op, 'EINVAL', 'no cable is connected to it')
      setCable(kernel, dev, up)
      kernel.afterRequest()
    },
    async restartQueue(id, queue) {
      const op = `restart queue ${queue} of NIC ${id}`
      demandRoot(op)
      const dev = nic(id, op)
      if (!Number.isInteger(queue) || queue < 0 || queue >= dev.realRxQueues) {
        throw refused(op, 'EINVAL', `its queues in use are 0 to ${dev.realRxQueues - 1}`)
      }
      if (!dev.up) throw refused(op, 'ENETDOWN', `${dev.name} is down`)
      const error = restartQueue(kernel, dev, queue)
      kernel.afterRequest()
      if (error !== 0) throw new KernelError({ op, errno: -error })
    },
    async impair(id, direction, options) {
      const op = `impair NIC ${id}`
      demandRoot(op)
      const dev = nic(id, op)
      const fault = options && impairmentFault(options)
      if (fault) throw refused(op, 'EINVAL', `${fault[0]} must be ${fault[1]}`)
      impair(kernel, dev, direction, options)
      kernel.afterRequest()
    },
    async impairments(id) {
      const { impairments, port } = nicState(nic(id, `look at NIC ${id}`))
      const { rx, tx } = port?.impaired ?? {}
      return { rx: impairmentOf(impairments.rx, rx), tx: impairmentOf(impairments.tx, tx) }
    },
    ...faultsDoor(kernel, demandRoot),
    async inject(id, frames) {
      const op = `inject into NIC ${id}`
      demandRoot(op)
      nic(id, op)
      const injected = wires(kernel).get(id)?.injected
      if (!injected) throw refused(op, 'EINVAL', 'its wire is no function')
      return injected.inject(frames)
    },
  }
}
