import type { DeviceSelector, DeviceSettings, Kernel, NetkitChange, Where } from 'netkit'
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
    'Several settings are made together or not at all. With netns, name is the name there, and the other settings are made there.',
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

async function stepsFor(kernel: Kernel, name: string, change: Change, where: Where): Promise<Step[]> {
  const { devices } = kernel
  const { settings, data, to, ifindex } = change
  let device: DeviceSelector = name
  let at = where
  const steps: Step[] = []
  if (to !== undefined) {
    const [found] = await devicesOf(kernel, [name], where)
    const options = { ...where, to, ...present({ ifindex, name: settings.name }) }
    const run = async () => {
      device = await devices.move(found, options)
      at = { ...where, in: to }
    }
    steps.push({ what: `${name} has been moved`, run })
  }
  const rest = to === undefined ? settings : present({ ...settings, name: undefined })
  if (Object.keys(rest).length > 0) {
    const run = async () => {
      await devices.set(device, rest, at)
      if (rest.name !== undefined) device = rest.name
    }
    steps.push({ what: `${Object.keys(rest).join(', ')} of ${name}`, run })
  }
  if (data) steps.push({ what: `policy of ${name}`, run: () => devices.change(device, data, at) })
  return steps
}

function policies(more: ArgsOf<typeof netkitLater>): NetkitChange {
  const data = present({
    policy: policyOf(more, ''),
    peerPolicy: more.peer && policyOf(more.peer, ' of the peer'),
  }) as NetkitChange
  if (Object.keys(data).length === 0) throw new UsageError("'type netkit' needs a policy: forward or blackhole")
  return data
}
