import { deviceName } from '../../grammar/values.ts'
import { type CommandGroup, command } from '../command.ts'
import { deviceNames } from '../names.ts'

const bits = (list: readonly (string | number)[] | undefined): string => list?.join(',') || '-'

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show what devices can do with XDP programs and AF_XDP sockets',
  words: { dev: { value: deviceName(), positional: true, doc: 'only this device' } },
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const list = args.dev === undefined ? await kernel.xdp.list(where) : [await kernel.xdp.get(args.dev, where)]
    const nameOf = await deviceNames(kernel, where)
    const rows = list.map((d) => [
      nameOf(d.ifindex),
      bits(d.xdpFeatures),
      d.xdpZcMaxSegs === undefined ? '' : String(d.xdpZcMaxSegs),
      bits(d.xdpRxMetadataFeatures),
      bits(d.xskFeatures),
    ])
    const heads = [
      { title: 'DEV' },
      { title: 'XDP' },
      { title: 'ZC-MAX-SEGS', right: true },
      { title: 'RX-METADATA' },
      { title: 'XSK' },
    ]
    const json = list.map((d) => ({
      ifname: nameOf(d.ifindex),
      ifindex: d.ifindex,
      'xdp-features': d.xdpFeatures ?? [],
      'xdp-zc-max-segs': d.xdpZcMaxSegs,
      'xdp-rx-metadata-features': d.xdpRxMetadataFeatures ?? [],
      'xsk-features': d.xskFeatures ?? [],
    }))
    await session.table(heads, rows, json)
  },
})

export const dev: CommandGroup = {
  name: 'dev',
  summary: 'XDP features of devices',
  otherwise: 'show',
  commands: [show],
}
