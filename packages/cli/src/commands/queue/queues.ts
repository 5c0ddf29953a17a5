import type { Queue } from 'netkit'
import { deviceName, integer, words } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import { consumerOf } from './consumer.ts'

const dev = { value: deviceName(), positional: true, doc: 'only this device' } as const

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show the queues of devices that are up',
  words: {
    dev,
    type: { value: words(['rx', 'tx']), doc: 'only queues of this type' },
    id: { value: integer('ID', 0, 0xffff_ffff), doc: 'only the queues with this number' },
  },
  notes: [
    'Of a physical queue that is leased, LEASED TO says the virtual device and its queue; both show the same memory. Kernels tell about queues of devices that are up only.',
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const queues = (await kernel.queues.list({ ...where, device: args.dev })).filter(
      (q) => (args.type === undefined || q.type === args.type) && (args.id === undefined || q.id === args.id),
    )
    const nameOf = await deviceNames(kernel, where)
    const leases = queues.some((q) => q.lease) ? await kernel.leases.list(where) : []
    const rows = queues.map((q) => {
      const lease = leases.find((l) => l.lessor.ifindex === q.ifindex && l.lessor.queue === q.id && q.type === 'rx')
      const to = lease?.lessee
      const place =
        to && to.namespace.netnsid !== undefined ? ` in ${to.namespace.name ?? `nsid ${to.namespace.netnsid}`}` : ''
      const leased = q.lease ? `${to?.name ?? `if${q.lease.ifindex}`} rx ${q.lease.queue?.id}${place}` : ''
      return [
        nameOf(q.ifindex),
        String(q.type),
        String(q.id),
        q.napiId === undefined ? '' : String(q.napiId),
        consumerOf(q),
        leased,
      ]
    })
    const heads = [
      { title: 'DEV' },
      { title: 'TYPE' },
      { title: 'ID', right: true },
      { title: 'NAPI', right: true },
      { title: 'MEMORY' },
      { title: 'LEASED TO' },
    ]
    await session.table(
      heads,
      rows,
      queues.map((q) => queueJson(q, nameOf(q.ifindex))),
    )
  },
})

/** A queue in the words of the YNL specification. */
const queueJson = (q: Queue, ifname: string) => ({
  ifname,
  ifindex: q.ifindex,
  type: q.type,
  id: q.id,
  napi_id: q.napiId,
  dmabuf: q.dmabuf,
  io_uring: q.ioUring && { rx_buf_len: q.ioUring.rxBufLen },
  xsk: q.xsk && {},
  lease: q.lease && {
    ifindex: q.lease.ifindex,
    queue: { id: q.lease.queue?.id, type: q.lease.queue?.type },
    netns_id: q.lease.netnsId,
  },
})
