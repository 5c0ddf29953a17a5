import { token } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'

export const sysctl = command({
  name: 'sysctl',
  summary: 'show or change settings of IP in a namespace',
  words: {
    setting: {
      value: token('NAME[=VALUE]'),
      positional: true,
      required: true,
      multi: true,
      doc: 'a setting by its name; with a value to change it',
    },
  },
  notes: [
    'Names are those of sysctl(8): net.ipv4.ip_forward, net.ipv6.conf.all.forwarding, net.ipv4.conf.DEV.forwarding. A dot that belongs to the name of a device is written as a slash. On the embedded kernel they last as long as its process.',
  ],
  examples: [
    ['sysctl net.ipv4.ip_forward', 'whether packets for others are sent on'],
    ['-n router sysctl net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1', 'makes a namespace a router'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    const entries: Entry[] = []
    for (const one of args.setting) {
      const at = one.indexOf('=')
      const name = at < 0 ? one : one.slice(0, at)
      if (at >= 0) await kernel.sysctl.set(name, one.slice(at + 1), { in: here })
      const value = await kernel.sysctl.get(name, { in: here })
      entries.push(new Entry().add('name', name, name).add('value', value, ` = ${value}`))
    }
    await session.entries(entries)
  },
})
