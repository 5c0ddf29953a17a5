import { deviceName } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { addAddresses } from '../../print/ip/address.ts'
import { briefEntry, linkEntry } from '../../print/link/show.ts'
import { command } from '../command.ts'
import { devicesOf } from '../link/find.ts'
import { viewOf } from '../link/show.ts'
import { addressFilter, filterWords } from './filter.ts'
import { familyOf, familyWords } from './words.ts'

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show devices with their addresses',
  words: {
    dev: { value: deviceName(), positional: true, doc: 'only this device' },
    up: { doc: 'only devices that are up' },
    ...filterWords,
    ...familyWords,
  },
  notes: ['Options: -br one short line a device, -o one line a device, -j JSON with the keys of iproute2.'],
  examples: [
    ['-br -n pod addr', 'what a namespace has, briefly'],
    ['-6 addr show up scope global', 'IPv6 addresses that reach far, of devices that are up'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const family = familyOf(args, session)
    const matching = addressFilter(args)
    const devices = args.dev ? await devicesOf(kernel, [args.dev], where) : await kernel.devices.list(where)
    const shown = devices.filter((d) => !args.up || d.up)
    const listed = await kernel.addresses.list({ ...where, family })
    const addresses = matching ? listed.filter(matching) : listed
    const view = await viewOf(session, kernel, where, shown, args.dev ? undefined : devices)
    const entries = shown.flatMap((device) => {
      const own = addresses.filter((a) => a.ifindex === device.ifindex)
      if ((family ?? matching) !== undefined && own.length === 0) return []
      if (!session.options.brief) {
        const { ifindex, type, flags, attrs } = device
        const entry = linkEntry(
          { ifindex, type, flags, attrs: { ...attrs, linkmode: undefined }, afSpec: undefined },
          view,
        )
        addAddresses(entry, own, session.style)
        return [entry]
      }
      const { ifname, operstate } = briefEntry(device, view).json
      const list = own.map((a) => `${a.peer ? `${a.address} peer ${a.peer}` : a.address}/${a.prefixLength}`)
      const info = own.map((a) => ({
        local: a.address,
        ...(a.peer ? { address: a.peer } : {}),
        prefixlen: a.prefixLength,
      }))
      return [
        new Entry()
          .add('ifname', ifname, session.style.device(`${String(ifname).padEnd(16)} `))
          .add('operstate', operstate, `${String(operstate).padEnd(14)} `)
          .add('addr_info', info, list.join(' ')),
      ]
    })
    await session.entries(entries)
  },
})
