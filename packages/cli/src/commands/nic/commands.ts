import { NIC_MODELS } from '@netkit/netlink'
import type { Kernel, NicInfo, RemovalReport } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { address, integer, namespace, newName, words } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { count, plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { target } from '../link/add.ts'
import { present } from '../link/settings.ts'
import { removing } from '../removing.ts'
import { impairmentsJson, impairmentsText } from './impair.ts'
import { COUNT, NIC, nicCalled, wireOf, wireWords } from './wire.ts'

const nic = { value: NIC, positional: true, required: true, doc: 'its device name, or its number' } as const

export const add = command({
  name: 'add',
  summary: 'plug in a NIC with several queues',
  words: {
    name: { value: newName(), positional: true, doc: 'name of its device; default: eth%d, the lowest free number' },
    queues: { value: integer('N', 1, 1024), doc: 'receive and transmit queues; default 1' },
    model: {
      value: words(NIC_MODELS),
      doc: "nic: takes memory of applications (zero copy), hashes and steers; netdevsim: Linux's test NIC, which does not; default nic",
    },
    address: { value: address(), aliases: ['addr', 'mac'], doc: 'hardware address; default: a random one' },
    id: { value: integer('N', 0, 0xffff_ffff), doc: 'its number; default: the lowest free one' },
    ...wireWords,
    netns: { value: namespace(), doc: 'namespace that it appears in' },
  },
  notes: ['Only kernels that have no hardware of their own can do this: the embedded one.'],
  examples: [
    ['nic add eth0 queues 16', 'a NIC without a cable'],
    [
      'nic add eth0 queues 8 wire http.pcapng out sent.pcapng',
      'one that receives a recording and records what it transmits',
    ],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    const { model, queues, address, id, name } = args
    const wire = await wireOf(args, kernel, session)
    const made = await kernel.nics.add({
      ...present({ model, queues, address, id, name, wire }),
      in: target(args.netns) ?? here,
    })
    const entry = new Entry().only('id', made.id).only('ifindex', made.ifindex).only('ifname', made.name)
    await session.entries([entry.say(made.name)])
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'pull a NIC out; netkit devices that lease from it go with it',
  words: { nic },
  async run(args, session) {
    const kernel = await session.kernel()
    const nic = await nicCalled(kernel, args.nic)
    await removing(
      session,
      () => lostWith(kernel, nic),
      () => kernel.nics.remove(nic.id),
    )
  },
})

const NOTHING: RemovalReport = { devices: [], leases: [], returned: [] }

/** What goes with a NIC. Its device may have been moved to any namespace. */
async function lostWith(kernel: Kernel, { ifindex, name }: NicInfo): Promise<RemovalReport> {
  for (const place of [undefined, ...(await kernel.namespaces.list())]) {
    const device = await kernel.devices.find(ifindex, { in: place })
    if (device?.name === name && device.attrs.parentDevName !== undefined)
      return await kernel.removal.ofDevice(ifindex, { in: place })
  }
  return NOTHING
}

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show NICs, how far their recordings have been played, and how their wires are impaired',
  words: { nic: { ...nic, required: undefined, doc: 'only this NIC' } },
  async run(args, session) {
    const kernel = await session.kernel()
    const list = args.nic === undefined ? await kernel.nics.list() : [await nicCalled(kernel, args.nic)]
    const all = await Promise.all(
      list.map(async (info) => ({
        info,
        progress: await kernel.nics.progress(info.id),
        impairments: await kernel.nics.impairments(info.id),
      })),
    )
    const n = (value: number) => count(value, session.options)
    const rows = all.map(({ info, progress: p, impairments }) => [
      String(info.id),
      info.name,
      String(info.ifindex),
      n(p.frames),
      n(p.bytes),
      n(p.sentFrames),
      n(p.sentBytes),
      p.finished ? 'yes' : 'no',
      impairmentsText(impairments),
    ])
    const right = (title: string) => ({ title, right: true })
    const heads = [
      right('NIC'),
      { title: 'DEV' },
      right('IFINDEX'),
      right('PLAYED'),
      right('BYTES'),
      right('SENT'),
      right('BYTES'),
      { title: 'FINISHED' },
      { title: 'IMPAIRMENTS' },
    ]
    const json = all.map(({ info, progress: p, impairments }) => ({
      id: info.id,
      ifname: info.name,
      ifindex: info.ifindex,
      wire: {
        frames: p.frames,
        bytes: p.bytes,
        sent_frames: p.sentFrames,
        sent_bytes: p.sentBytes,
        finished: p.finished,
      },
      impairments: impairmentsJson(impairments),
    }))
    await session.table(heads, rows, json)
  },
})

export const play = command({
  name: 'play',
  summary: 'play the recording at the other end of the cable into a NIC',
  words: {
    nic,
    frames: { value: COUNT, doc: 'so many frames; default: all that are left' },
    loop: { value: COUNT, doc: 'so many times; default: once' },
  },
  notes: ['Ends when it has been played. The recording is the one that was named with wire, in nic add or nic wire.'],
  async run(args, session) {
    const kernel = await session.kernel()
    const { id } = await nicCalled(kernel, args.nic)
    const p = await kernel.nics.play(id, present({ frames: args.frames, loop: args.loop }))
    const entry = new Entry().only('frames', p.frames).only('bytes', p.bytes).only('finished', p.finished)
    await session.entries([
      entry.say(`${plural(p.frames, 'frame')}, ${plural(p.bytes, 'byte')}${p.finished ? '' : ', not finished'}`),
    ])
  },
})

export const wire = command({
  name: 'wire',
  summary: 'connect a cable, instead of the one there was',
  words: { nic, ...wireWords, none: { doc: 'unplug the cable' } },
  examples: [
    ['nic wire eth0 wire dns.pcap', 'another recording'],
    ['nic wire eth0 to eth1', 'two NICs back to back'],
    ['nic wire eth0 tap pods0', 'a TAP interface of the machine: its programs reach the namespaces here'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { id } = await nicCalled(kernel, args.nic)
    const cable = await wireOf(args, kernel, session)
    if (cable && args.none) throw new UsageError("'none' unplugs the cable: it excludes all else")
    if (!cable && !args.none)
      throw new UsageError("the other end is missing: 'wire' FILE, 'out' FILE, 'to' NIC, 'tap' TAP or 'none'")
    await kernel.nics.connect(id, cable)
  },
})
