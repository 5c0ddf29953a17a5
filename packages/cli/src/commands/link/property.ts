import { UsageError } from '../../grammar/usage-error.ts'
import { choice, deviceName } from '../../grammar/values.ts'
import { command } from '../command.ts'

export const property = command({
  name: 'property',
  summary: 'add or remove alternative names of a device',
  words: {
    action: {
      value: choice({ add: 'add', del: 'del', delete: 'del' } as const, '{ add | del }'),
      positional: true,
      required: true,
      doc: 'add names, or take them away',
    },
    dev: { value: deviceName(), positional: true, required: true, doc: 'the device' },
    altname: {
      value: { ...deviceName('NAME'), source: undefined },
      positional: true,
      multi: true,
      doc: 'alternative names, 1 to 127 bytes; all or none of them',
    },
  },
  examples: [['link property add dev nk0 altname host-side', 'let nk0 also be called host-side']],
  async run(args, session) {
    const { devices } = await session.kernel()
    const where = await session.where()
    if (!args.altname) throw new UsageError("NAME is missing: 'altname', a name to add or to take away")
    if (args.action === 'add') await devices.addAltnames(args.dev, args.altname, where)
    else await devices.removeAltnames(args.dev, args.altname, where)
  },
})
