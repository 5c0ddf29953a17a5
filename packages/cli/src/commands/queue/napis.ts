import { deviceName } from '../../grammar/values.ts'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'

const dev = { value: deviceName(), positional: true, doc: 'only this device' } as const

export const napis = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show NAPI instances: what polls queues',
  words: { dev },
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const list = await kernel.napis.list({ ...where, device: args.dev })
    const nameOf = await deviceNames(kernel, where)
    const rows = list.map((n) =>
      [nameOf(n.ifindex), n.id, n.irq, n.pid, n.threaded, n.deferHardIrqs, n.groFlushTimeout, n.irqSuspendTimeout].map(
        (v) => String(v ?? ''),
      ),
    )
    const heads = [
      { title: 'DEV' },
      { title: 'ID', right: true },
      { title: 'IRQ', right: true },
      { title: 'PID', right: true },
      { title: 'THREADED' },
      { title: 'DEFER-HARD-IRQS', right: true },
      { title: 'GRO-FLUSH-TIMEOUT', right: true },
      { title: 'IRQ-SUSPEND-TIMEOUT', right: true },
    ]
    const json = list.map((n) => ({
      ifname: nameOf(n.ifindex),
      ifindex: n.ifindex,
      id: n.id,
      irq: n.irq,
      pid: n.pid,
      threaded: n.threaded,
      defer_hard_irqs: n.deferHardIrqs,
      gro_flush_timeout: n.groFlushTimeout,
      irq_suspend_timeout: n.irqSuspendTimeout,
    }))
    await session.table(heads, rows, json)
  },
})
