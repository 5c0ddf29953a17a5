import { ETHTOOL, fromHex, KernelError, NETDEV, NETLINK_GENERIC, NETLINK_ROUTE, NLCTRL } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { ReplayKernel, ReplayMonitor } from '../replay-kernel.ts'
import { type Difference, Replayer } from './engine.ts'
import { readRecording } from './recording.ts'

/** RTM_NEWNSID { nsid }, and a link with a name and an address. */
const nsid = (n: string) => `1c00000058000000000000000000000000000000080001000${n}000000`
const link = (mtu: string, address: string) =>
  `34000000100000000000000000000000000001000200000000000000ffffffff08000400${mtu}0a000100${address}0000`
const QUEUE = '4c000000{2 $family:netdev}0500ef0300000000000010010000'

interface Played {
  /** What the kernel answers, request by request. */
  readonly replies?: readonly string[][]
  /** What monitors hear of the step with this number. */
  readonly heard?: Readonly<Record<number, readonly string[]>>
  readonly refuse?: boolean
}

/** A kernel that says what it is told to. */
function played({ replies = [], heard = {}, refuse }: Played): ReplayKernel & { readonly sent: string[] } {
  const sent: string[] = []
  let step = -1
  let requests = 0
  const monitor = (protocol: number): ReplayMonitor => ({
    protocol,
    drain: () => (protocol === NETLINK_ROUTE ? (heard[step] ?? []).map(fromHex) : []),
    close: () => undefined,
  })
  const next = async () => {
    step += 1
    if (refuse) throw new KernelError({ op: 'do it', errno: 95 })
  }
  return {
    sent,
    families: new Map([
      ['nlctrl', 16],
      ['netdev', 0x1234],
    ]),
    namespaceAdd: next,
    namespaceRemove: next,
    process: next,
    nicAdd: async () => {
      await next()
      return { ifindex: 2, ifname: 'eth0' }
    },
    nicRemove: next,
    async socket() {
      step += 1
      return {
        send: (datagram) => {
          sent.push(Buffer.from(datagram).toString('hex'))
          return datagram.length === 0 ? 61 : 0
        },
        drain: () => (replies[requests++] ?? []).map(fromHex),
        close: () => undefined,
      }
    },
    monitor: async () => [monitor(NETLINK_ROUTE), monitor(NETLINK_GENERIC)],
    settle: async () => undefined,
    close: async () => undefined,
  }
}

const head = { scenario: 'test', title: 'a test', format: 1 }
const add = { step: 0, op: 'ns-add', ns: 'A', fd: 100, notify: [] }
const request = (hex: string, more: object = {}) => ({
  step: 1,
  op: 'netlink',
  ns: 'A',
  proto: 'route',
  sock: { portid: 4242, ext_ack: 1 },
  req: { hex },
  result: null,
  replies: [],
  notify: [],
  ...more,
})
const text = (...lines: object[]) => lines.map((line) => JSON.stringify(line)).join('\n')

async function differences(kernel: ReplayKernel, ...lines: object[]): Promise<Difference[]> {
  const found: Difference[] = []
  const replayer = new Replayer(kernel, [NLCTRL, NETDEV, ETHTOOL])
  for await (const result of replayer.play(readRecording(text(head, ...lines)))) found.push(...result.differences)
  return found
}

describe('replaying', () => {
  test('a conversation that matches', async () => {
    const kernel = played({ replies: [[nsid('7')]], heard: { 0: [], 1: [link('dc050000', '020000000001')] } })
    const step = request('00', {
      replies: [{ hex: nsid('7') }],
      notify: [{ ns: 'A', proto: 'route', hex: link('dc050000', '{6 $mac1}') }],
    })
    expect(await differences(kernel, add, step)).toEqual([])
    expect(kernel.sent).toEqual(['00'])
  })

  test('places in requests get the values of this kernel', async () => {
    const kernel = played({})
    await differences(kernel, add, request(QUEUE, { proto: 'generic' }))
    expect(kernel.sent).toEqual(['4c00000034120500ef0300000000000010010000'])
  })

  test('a request that needs a value that was not seen is not sent', async () => {
    const kernel = played({})
    expect(await differences(kernel, add, request('{4 $napi1}'))).toEqual([
      { step: 1, where: 'request', note: 'the value of $napi1 has not been seen' },
    ])
    expect(kernel.sent).toEqual([])
  })

  test('another value is told by its field', async () => {
    const kernel = played({ replies: [[nsid('8')]] })
    expect(await differences(kernel, add, request('00', { replies: [{ hex: nsid('7') }] }))).toEqual([
      { step: 1, where: 'reply 1', message: 'RTM_NEWNSID', path: 'nsid', want: '7', got: '8' },
    ])
  })

  test('what is missing and what is too much', async () => {
    const kernel = played({ replies: [[link('dc050000', '020000000001')]] })
    expect(
      await differences(kernel, add, request('00', { replies: [{ hex: nsid('7') }, { hex: nsid('8') }] })),
    ).toEqual([
      { step: 1, where: 'reply 1', message: 'RTM_NEWNSID', note: 'is missing' },
      { step: 1, where: 'reply 2', message: 'RTM_NEWNSID', note: 'is missing' },
      { step: 1, where: 'reply 3', message: 'RTM_NEWLINK', note: 'was not expected' },
    ])
  })

  test('a value that was another one before', async () => {
    const [a, b] = ['020000000001', '020000000002']
    const kernel = played({ heard: { 1: [link('dc050000', a)], 2: [link('dc050000', b)], 3: [link('dc050000', a)] } })
    const hear = (step: number, place: string) =>
      request('00', { step, notify: [{ ns: 'A', proto: 'route', hex: link('dc050000', place) }] })
    const found = await differences(kernel, add, hear(1, '{6 $mac1}'), hear(2, '{6 $mac1}'), hear(3, '{6 $mac2}'))
    expect(found.map((d) => [d.step, d.path, d.want, d.note])).toEqual([
      [2, 'address', '$mac1', '$mac1 was 020000000001 before'],
      [3, 'address', '$mac2', '$mac1 is 020000000001 already, and $mac2 is another value'],
    ])
  })

  test('an attribute that is missing, and one in another place', async () => {
    const two = (first: string, second: string) =>
      `300000001000000000000000000000000000010002000000000000000000000${'0'}${first}${second}`
    const [mtu, group] = ['08000400dc050000', '08001b0005000000']
    const short = `280000001000000000000000000000000000010002000000000000000000000${'0'}${mtu}`
    const kernel = played({ replies: [[two(group, mtu)], [short]] })
    const want = { replies: [{ hex: two(mtu, group) }] }
    const found = await differences(kernel, add, request('00', want), request('00', { ...want, step: 2 }))
    expect(found).toEqual([
      {
        step: 1,
        where: 'reply 1',
        message: 'RTM_NEWLINK',
        path: 'mtu',
        want: 'after change',
        got: 'group stands there',
        note: 'order',
      },
      { step: 2, where: 'reply 1', message: 'RTM_NEWLINK', path: 'group', want: '5' },
    ])
  })

  test('what the sending and NICs led to', async () => {
    const kernel = played({})
    const found = await differences(kernel, add, request('', { result: { send_errno: 22 } }), {
      step: 2,
      op: 'nic-add',
      ns: 'A',
      nic: 10,
      queues: 4,
      notify: [],
      result: { errno: 0, ifindex: 3, ifname: 'eth0' },
    })
    expect(found).toEqual([
      { step: 1, where: 'result', path: 'error number of the sending', want: '22', got: '61' },
      { step: 2, where: 'result', path: 'ifindex', want: '3', got: '2' },
    ])
  })

  test('a kernel that refuses what a step is about', async () => {
    expect(await differences(played({ refuse: true }), add)).toEqual([
      { step: 0, where: 'result', want: 'done', got: 'do it: EOPNOTSUPP: not supported by this device or kernel' },
    ])
  })
})

test.each<[string, string]>([
  ['', 'line 1: a recording begins with a line about the scenario'],
  ['{"scenario":"x","format":2}', 'line 1: format 2 is unknown, expected 1'],
  ['{"scenario":"x","format":1}\n{"step":0,"op":"fly","notify":[]}', "line 2: op 'fly' is unknown"],
  ['{"scenario":"x","format":1}\n\nnonsense', 'line 3: not JSON'],
  ['{"scenario":"x","format":1}\n{"step":"0","op":"ns-add","notify":[]}', "line 2: 'step' must be a number"],
  [
    '{"scenario":"x","format":1}\n{"step":0,"op":"ns-del","ns":"A","notify":[{"ns":"A","proto":"tcp","hex":""}]}',
    "line 2: proto 'tcp' is unknown",
  ],
  [
    '{"scenario":"x","format":1}\n{"step":0,"op":"ns-del","ns":"A","notify":[{"ns":"A","proto":"route","hex":"{@x}"}]}',
    "line 2: 'hex': {@x} is not among the defs",
  ],
])('%s is no recording', (file, why) => {
  expect(() => readRecording(file)).toThrow(why)
})
