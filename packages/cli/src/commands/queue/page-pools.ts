import { deviceName } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'

const dev = { value: deviceName(), positional: true, doc: 'only this device' } as const

export const pagePools = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show page pools: where receive queues take memory from',
  words: { dev },
  notes: ['Pools belong to the physical device, also where its queue is leased.'],
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const list = await kernel.pagePools.list({ ...where, device: args.dev })
    const nameOf = await deviceNames(kernel, where)
    const rows = list.map((p) => [
      nameOf(p.ifindex),
      String(p.id),
      String(p.napiId ?? ''),
      String(p.inflight ?? ''),
      String(p.inflightMem ?? ''),
      p.dmabuf === undefined ? (p.ioUring ? 'io_uring' : '') : `dmabuf ${p.dmabuf}`,
      p.detachTime === undefined ? '' : `${p.detachTime} s`,
    ])
    const heads = [
      { title: 'DEV' },
      { title: 'ID', right: true },
      { title: 'NAPI', right: true },
      { title: 'PAGES', right: true },
      { title: 'BYTES', right: true },
      { title: 'MEMORY' },
      { title: 'DETACHED', right: true },
    ]
    const json = list.map((p) => ({
      ifname: p.ifindex === undefined ? undefined : nameOf(p.ifindex),
      ifindex: p.ifindex,
      id: p.id,
      napi_id: p.napiId,
      inflight: p.inflight,
      inflight_mem: p.inflightMem,
      detach_time: p.detachTime,
      dmabuf: p.dmabuf,
      io_uring: p.ioUring && { rx_buf_len: p.ioUring.rxBufLen },
    }))
    await session.table(heads, rows, json)
  },
})
