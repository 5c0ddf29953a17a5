import type { Device, DeviceSettings, Kernel, MoveOptions, NetkitChange, Where } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { choice, deviceName, integer, namespace } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { command } from '../command.ts'
import { inSteps, type Step } from '../steps.ts'
import { policyOf, target } from './add.ts'
import { devicesOf } from './find.ts'
import { laterSettings, present } from './settings.ts'
import { later, netkitLater } from './words.ts'

const words = {
  dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
  ...later,
  netns: { value: namespace(), doc: 'move it to this namespace; it arrives down' },
  'new-ifindex': { value: integer('IDX', 1, 0x7fff_ffff), doc: 'with netns: wanted ifindex there' },
  type: {
    value: choice({ netkit: 'netkit' } as const, 'TYPE'),
    adds: (): Words => netkitLater,
    doc: 'change what is particular to the kind; words of the kind follow it',
  },
} satisfies Words

/** What is to be changed. */
interface Change {
  readonly settings: DeviceSettings
  readonly data: NetkitChange | undefined
  readonly to: ReturnType<typeof target>
  readonly ifindex: number | undefined
}

export const set = command({
  name: 'set',
  aliases: ['change'],
  summary: 'change a device',
  words,
  sections: { 'Words of type netkit': netkitLater },
  notes: [
    'All of it is done or nothing: what was done before something is refused is taken back. With netns, name is the name there, and the other settings are made there; what cannot be taken back of a move is said.',
    'Of a netkit pair the policies can be changed, through the primary; all else is fixed when it is made.',
  ],
  examples: [
    ['link set nk0 mtu 9000 up', 'change the MTU and bring the device up'],
    ['link set dev nk1 netns pod name eth0 up', 'move a device and bring it up there'],
    ['link set nk0 type netkit policy blackhole', 'drop what is sent while no program is attached'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const change = {
      settings: laterSettings(args),
      data: args.type && policies(args.more ?? {}),
      to: target(args.netns),
      ifindex: args['new-ifindex'],
    }
    const steps = await stepsFor(kernel, args.dev, change, where)
    if (steps.length === 0) throw new UsageError('what to change is missing, such as up, mtu MTU or netns NS')
    await inSteps(steps)
  },
})

/** The policies first, while the device is where it was found, then the move, and last what is made in one go. */
async function stepsFor(kernel: Kernel, name: string, change: Change, where: Where): Promise<Step[]> {
  const { devices } = kernel
  const { settings, data, to, ifindex } = change
  const steps: Step[] = []
  const found = to !== undefined || data ? (await devicesOf(kernel, [name], where))[0] : undefined
  if (found && data) steps.push(policyStep(found, data))
  const move = found && to !== undefined ? new Move(kernel, found, where) : undefined
  if (move) {
    const options = { ...where, to: to!, ...present({ ifindex, name: settings.name }) }
    steps.push({
      what: `${name} has been moved`,
      run: () => move.there(options),
      undo: () => move.back(),
      lost: `addresses and routes of ${name}, if it had any, are gone with the move`,
    })
  }
  const rest = move ? present({ ...settings, name: undefined }) : settings
  if (Object.keys(rest).length > 0) {
    const run = () => (move ? move.arrived.set(rest) : devices.set(found ?? name, rest, where))
    steps.push({ what: `${Object.keys(rest).join(', ')} of ${name}`, run })
  }
  return steps
}

function policyStep(device: Device, data: NetkitChange): Step {
  const was = device.netkit
  const before = present({
    policy: data.policy && was?.policy,
    peerPolicy: data.peerPolicy && was?.peerPolicy,
  }) as NetkitChange
  return {
    what: `policy of ${device.name}`,
    run: () => device.change(data),
    undo: () => device.change(before),
  }
}

/** A move to another namespace, with the way back. */
class Move {
  readonly #kernel: Kernel
  readonly #device: Device
  readonly #where: Where
  #arrived: Device | undefined

  constructor(kernel: Kernel, device: Device, where: Where) {
    this.#kernel = kernel
    this.#device = device
    this.#where = where
  }

  /** The device as it is there. */
  get arrived(): Device {
    return this.#arrived!
  }

  async there(options: MoveOptions): Promise<void> {
    this.#arrived = await this.#kernel.devices.move(this.#device, options)
  }

  /** To where it was, by the name and the ifindex that it had, and up if it was. */
  async back(): Promise<void> {
    const { name, ifindex, up } = this.#device
    await using own = this.#where.in === undefined ? await this.#kernel.namespaces.current() : undefined
    const home = await this.arrived.move({ to: own ?? this.#where.in!, name, ifindex })
    if (up) await home.set({ up })
  }
}

function policies(more: ArgsOf<typeof netkitLater>): NetkitChange {
  const data = present({
    policy: policyOf(more, ''),
    peerPolicy: more.peer && policyOf(more.peer, ' of the peer'),
  }) as NetkitChange
  if (Object.keys(data).length === 0) throw new UsageError("'type netkit' needs a policy: forward or blackhole")
  return data
}
