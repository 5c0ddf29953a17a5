import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName, token } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { removing } from '../removing.ts'
import { group } from './words.ts'

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'remove a device, of a pair both ends',
  words: {
    dev: { value: deviceName(), positional: true, doc: 'the device' },
    group: { value: group, doc: 'all devices of this group, or none if one cannot be removed; not group 0' },
    type: { value: token('TYPE'), hidden: true, doc: 'accepted and not looked at, as in ip' },
  },
  notes: [
    'What the device leases is free at once. There is no way to end a lease but to remove the device.',
    'What goes along is said on standard error, with -j as a record of the output, with -dry-run before anything happens: the other end of a pair, devices that lease from a NIC, leases.',
  ],
  async run(args, session) {
    const { devices, removal } = await session.kernel()
    const where = await session.where()
    if (args.dev !== undefined && args.group !== undefined) throw new UsageError("'dev' and 'group' exclude each other")
    const { dev, group } = args
    if (dev !== undefined)
      await removing(
        session,
        () => removal.ofDevice(dev, where),
        () => devices.remove(dev, where),
      )
    else if (group !== undefined)
      await removing(
        session,
        () => removal.ofGroup(group, where),
        () => devices.removeGroup(group, where),
      )
    else throw new UsageError("DEV is missing: the device to remove, or 'group' GROUP")
  },
})
