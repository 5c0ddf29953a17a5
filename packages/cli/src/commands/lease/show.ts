import type { LeaseEnd } from 'netkit'
import { deviceName } from '../../grammar/values.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { consumerOf } from '../queue/consumer.ts'
import { inUse, type MappedLease, mapLeases, starved } from './map.ts'

/** Where one end is, seen from where the command acts. */
function place({ namespace: ns }: LeaseEnd): string {
  if (ns.name !== undefined) return ns.name
  if (ns.current) return ''
  return ns.netnsid === undefined ? '' : `nsid ${ns.netnsid}`
}

/** One end of a lease, for programs. */
export const endJson = (e: LeaseEnd) => ({
  ifname: e.name,
  ifindex: e.ifindex,
  queue: e.queue,
  netns: e.namespace.name,
  netnsid: e.namespace.netnsid,
})

const mapJson = (mapped: MappedLease) => {
  const { lease, queue, stats } = mapped
  return {
    lessee: endJson(lease.lessee),
    lessor: endJson(lease.lessor),
    xsk: queue?.xsk && {},
    io_uring: queue?.ioUring && { rx_buf_len: queue.ioUring.rxBufLen },
    dmabuf: queue?.dmabuf,
    in_use: inUse(mapped),
    packets: stats?.rxPackets,
    bytes: stats?.rxBytes,
    drops: stats?.rxHwDrops,
    alloc_fail: stats?.rxAllocFail,
    drop_overruns: stats?.rxHwDropOverruns,
  }
}

const HEADS = [
  { title: 'NETNS' },
  { title: 'LESSEE' },
  { title: 'QUEUE' },
  { title: '' },
  { title: 'LESSOR' },
  { title: 'QUEUE' },
  { title: 'NETNS' },
  { title: 'CONSUMER' },
  { title: 'IN USE', right: true },
  { title: 'PACKETS', right: true },
  { title: 'DROPS', right: true },
  { title: 'STARVED', right: true },
]

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show leases from all namespaces that can be seen, and what goes on in them',
  words: { dev: { value: deviceName(), positional: true, doc: 'only leases to or from this device' } },
  notes: [
    'Left the virtual queue and where its device lives, right the physical one that it gets packets from. CONSUMER reads the queue without copies: AF_XDP, io_uring or dmabuf with the id of its binding; - nobody does, the kernel has the packets. IN USE are buffers of its page pools that somebody has, DROPS packets that the NIC lost, STARVED how often it found no buffer of its page pool or in the fill ring of an AF_XDP application: as far as its driver counts.',
    'With -n, only leases of NICs in that namespace. Kernels tell about leases of NICs that are up only. NETNS is empty where the command itself lives. Option: -h counts with K, M, G.',
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const all = where.in ? await kernel.leases.list(where) : await kernel.leases.listAll({ signal: where.signal })
    const shown = all.filter((l) => args.dev === undefined || l.lessor.name === args.dev || l.lessee.name === args.dev)
    const mapped = await mapLeases(kernel, shown, where)
    const cell = (n: number | undefined) => (n === undefined ? '' : count(n, session.options))
    const row = (m: MappedLease) => {
      const { lessor, lessee } = m.lease
      return [
        place(lessee),
        lessee.name ?? `if${lessee.ifindex}`,
        `rx ${lessee.queue}`,
        '<-',
        lessor.name ?? `if${lessor.ifindex}`,
        `rx ${lessor.queue}`,
        place(lessor),
        (m.queue && consumerOf(m.queue)) || '-',
        cell(inUse(m)),
        cell(m.stats?.rxPackets),
        cell(m.stats?.rxHwDrops),
        cell(starved(m)),
      ]
    }
    await session.table(HEADS, mapped.map(row), mapped.map(mapJson))
  },
})
