import { describe, expect, test } from 'vitest'
import { Drawing } from '../../print/drawing.ts'
import { styleFor } from '../../print/style.ts'
import { LEASED, shell } from '../../testing/shell.ts'
import type { Screen } from '../context.ts'
import { frameOf } from './frame.ts'
import { History } from './history.ts'
import { ratesBetween, sorted } from './rates.ts'
import type { DeviceSample, QueueSample, Sample } from './sample.ts'

const NOTHING = { rxPackets: 0, rxBytes: 0, txPackets: 0, txBytes: 0, drops: 0 }
const queue = (id: number, counts: Partial<QueueSample> = {}): QueueSample => ({
  id,
  consumer: '',
  lessee: '',
  ...NOTHING,
  ...counts,
})
const device = (name: string, ifindex: number, counts: Partial<DeviceSample> = {}): DeviceSample => ({
  netns: '',
  name,
  ifindex,
  queues: [],
  ...NOTHING,
  ...counts,
})
const sample = (time: number, ...devices: DeviceSample[]): Sample => ({ time, devices })

describe('rates', () => {
  test('are what was counted, by the second', () => {
    const before = sample(1000, device('eth0', 2, { rxPackets: 10, rxBytes: 1000, queues: [queue(0, { drops: 1 })] }))
    const after = sample(3000, device('eth0', 2, { rxPackets: 30, rxBytes: 2000, queues: [queue(0, { drops: 5 })] }))
    const [rates] = ratesBetween(before, after)
    expect(rates).toMatchObject({ rxPackets: 10, rxBits: 4000, txPackets: 0, drops: 0 })
    expect(rates.queues[0].drops).toBe(2)
  })

  test('are 0 for what is new, and where counters begin anew', () => {
    const after = sample(2000, device('eth0', 2, { rxPackets: 5 }), device('eth1', 3, { rxPackets: 5 }))
    const rates = ratesBetween(sample(1000, device('eth0', 2, { rxPackets: 9 })), after)
    expect(rates.map((r) => r.rxPackets)).toEqual([0, 0])
  })

  test('sort devices, those alike as they were', () => {
    const rates = ratesBetween(
      sample(0, device('b', 2), device('a', 3), device('c', 4)),
      sample(1000, device('b', 2), device('a', 3), device('c', 4, { rxBytes: 1 })),
    )
    const names = (sort: 'rx' | 'name') => sorted(rates, sort).map((d) => d.device.name)
    expect(names('rx')).toEqual(['c', 'b', 'a'])
    expect(names('name')).toEqual(['a', 'b', 'c'])
  })
})

describe('the picture', () => {
  const rates = ratesBetween(
    sample(0, device('eth0', 2, { queues: [queue(0), queue(1)] })),
    sample(
      1000,
      device('eth0', 2, {
        rxPackets: 1_250_000,
        rxBytes: 80_000_000,
        drops: 7,
        queues: [
          queue(0),
          queue(1, { rxPackets: 1_250_000, rxBytes: 80_000_000, consumer: 'AF_XDP', lessee: 'nk0 rx 1 in pod' }),
        ],
      }),
    ),
  )
  const history = new History()
  history.add(rates)
  const view = { sort: 'rx', hideIdle: false, paused: false, top: 0 } as const
  const frame = (rows: number, columns: number, more = {}) =>
    frameOf(rates, { title: 'a kernel', right: '12:00:00' }, { ...view, ...more }, history, {
      rows,
      columns,
      style: styleFor(false),
    }).lines

  test('of devices and their queues', () => {
    expect(frame(8, 140).join('\n')).toMatchInlineSnapshot(`
      "netkit top  a kernel                                                                                                                12:00:00

      DEVICE  QUEUE               RX PPS  RX BIT/S    TX PPS  TX BIT/S   DROPS/S  TREND                 CONSUMER   LEASED TO                      
      eth0                         1.25M      640M         0         0         7                     █
        ├   0                          0         0         0         0         0                         
        └   1                      1.25M      640M         0         0         0                     █  AF_XDP     -> nk0 rx 1 in pod

      q quit   s sort: rx   i hide idle queues   space pause   up/down scroll"
    `)
  })

  test('fills the screen, whatever its size', () => {
    for (const [rows, columns] of [
      [8, 140],
      [30, 60],
      [5, 20],
    ]) {
      const lines = frame(rows, columns)
      expect(lines).toHaveLength(rows)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
    }
  })

  test('without idle queues, or scrolled', () => {
    expect(frame(8, 80, { hideIdle: true }).filter((l) => /[├└]/.test(l))).toHaveLength(1)
    expect(frame(5, 80, { top: 2 })[3]).toContain('└   1')
    expect(frame(5, 80, { top: 9 })[3]).toContain('└   1')
  })

  test('is drawn where it has changed', async () => {
    let written = ''
    const drawing = new Drawing((text) => {
      written += text
    })
    await drawing.draw(['one', 'two', 'three'], 80)
    written = ''
    await drawing.draw(['one', 'TWO', 'three'], 80)
    expect(written).toBe('\u001b[?2026h\u001b[2;1HTWO\u001b[K\u001b[?2026l')
    written = ''
    await drawing.draw(['one', 'TWO', 'three'], 80)
    expect(written).toBe('')
    await drawing.draw(['one', 'TWO', 'three'], 70)
    expect(written).toContain('one')
  })
})

describe('the command', () => {
  const clock = () => {
    let time = 0
    return { now: () => (time += 1000) }
  }

  test('prints a table where there is no screen', async () => {
    const netkit = shell()
    for (const line of LEASED) await netkit(line)
    expect((await netkit('top --once interval 0.1', clock())).out).toMatchInlineSnapshot(`
      "NETNS  DEV   QUEUE  RX-PPS  RX-BIT/S  TX-PPS  TX-BIT/S  DROPS/S  LEASED TO
             eth0              0         0       0         0        0
             eth0      3       0         0       0         0        0  nk0 rx 1 in pod
      pod    nk0               0         0       0         0        0
      "
    `)
    const [first, second, end] = (await netkit('-j top count 2 interval 0.1', clock())).out.split('\n')
    expect(JSON.parse(first)).toMatchObject({
      seconds: 1,
      devices: [{ ifname: 'eth0', queues: [{ id: 0 }, {}, {}, { lessee: 'nk0 rx 1 in pod' }] }, { netns: 'pod' }],
    })
    expect(JSON.parse(second).devices).toHaveLength(2)
    expect(end).toBe('')
  })

  test('draws until q is pressed, and leaves the terminal as it was', async () => {
    const netkit = shell()
    for (const line of LEASED) await netkit(line)
    let closed = false
    const screen = (): Screen => ({
      columns: 100,
      rows: 20,
      listen: (pressed) => {
        pressed('i')
        setTimeout(() => pressed('q'), 400)
      },
      close: () => {
        closed = true
      },
    })
    const { status, out } = await netkit('top interval 0.1', { ...clock(), screen })
    expect(status).toBe(0)
    expect(closed).toBe(true)
    expect(out.startsWith('\u001b[?1049h')).toBe(true)
    expect(out.endsWith('\u001b[?1049l')).toBe(true)
    expect(out).toContain('pod/nk0')
    expect(out).toContain('i show idle queues')
  })

  test.each([
    ['top interval 0', 'interval: 0 is less than 0.1 seconds'],
    ['top once count 2', "'once' means count 1: it excludes 'count'"],
  ])('%s is refused', async (line, why) => {
    expect(await shell()(line)).toMatchObject({ status: 1, err: expect.stringContaining(why) })
  })
})
