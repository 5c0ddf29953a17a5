import { ETHTOOL, type GenlCommand, NETDEV } from '@netkit/netlink'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Device } from '../../net/device.ts'
import { Bench } from '../../testing/bench.ts'
import { generic, heard, lessee, listen, setUp } from '../../testing/generic.ts'
import { testProvider } from '../../testing/provider.ts'

const { commands: C } = ETHTOOL

describe('ethtool', () => {
  let bench: Bench
  let nic: Device
  beforeEach(() => {
    bench = new Bench()
    nic = bench.kernel.nics.plug({ ns: bench.ns, queues: 4 })
  })
  const eth0 = { devName: 'eth0' }
  const ask = (command: GenlCommand, attrs: object, dump = false) => generic(bench, ETHTOOL, command, attrs, { dump })

  describe('finds the device', () => {
    const get = (header?: object) => ask(C.channelsGet, header ? { header } : {})

    it.each([
      [undefined, { errno: 22, missType: 1 }],
      [{}, { errno: 22, msg: 'neither ifindex nor name specified', offset: 20 }],
      [{ devIndex: 0 }, { errno: 19, msg: 'no device matches ifindex', offset: 24 }],
      [
        { devIndex: 77, devName: 'eth0' },
        { errno: 19, msg: 'no device matches ifindex', offset: 24 },
      ],
      [
        { devIndex: 2, devName: 'lo' },
        { errno: 19, msg: 'ifindex and name do not match', offset: 20 },
      ],
      [{ devName: 'nope' }, { errno: 19, msg: 'no device matches name', offset: 24 }],
      [{ devName: '' }, { errno: 19, msg: 'no device matches name', offset: 24 }],
      [
        { devName: 'eth0', flags: ['stats'] },
        { errno: 22, msg: 'reserved bit set', offset: 36 },
      ],
      [
        { devName: 'eth0', phyIndex: 1 },
        { errno: 22, msg: 'Unknown attribute type', offset: 36 },
      ],
    ])('or refuses: %j', (header, said) => {
      expect(get(header as object)).toMatchObject(said)
    })

    it('by index, by name, and by alternative name', () => {
      nic.altNames = ['wan']
      bench.ns.names.add('wan', nic)
      for (const header of [{ devIndex: 2 }, eth0, { devIndex: 2, devName: 'eth0' }, { devName: 'wan' }]) {
        expect(get(header).replies[0].header).toEqual({ devIndex: 2, devName: 'eth0' })
      }
    })

    it('and in a dump looks at it without heeding it', () => {
      expect(ask(C.channelsGet, { header: eth0 }, true).replies).toHaveLength(1)
      expect(ask(C.channelsGet, { header: { devIndex: 1 } }, true).replies[0].header.devName).toBe('eth0')
      expect(ask(C.channelsGet, { header: { devName: 'nope' } }, true)).toMatchObject({ errno: 19, offset: 24 })
    })
  })

  describe('channels', () => {
    const set = (counts: object) => ask(C.channelsSet, { header: eth0, ...counts })

    it('are combined, and change in both directions', () => {
      const socket = listen(bench)
      expect(set({ combinedCount: 2 }).errno).toBe(0)
      expect([nic.realRxQueues, nic.realTxQueues]).toEqual([2, 2])
      expect(heard(bench, socket)).toEqual([
        {
          c: 'ETHTOOL_MSG_CHANNELS_NTF',
          seq: 1,
          attrs: { header: { devIndex: 2, devName: 'eth0' }, combinedMax: 4, combinedCount: 2 },
        },
      ])
      expect(set({ combinedCount: 2, rxCount: 0 }).errno).toBe(0)
      expect(heard(bench, socket)).toEqual([])
      expect(set({ combinedCount: 4 }).errno).toBe(0)
      expect(heard(bench, socket)[0].seq).toBe(2)
    })

    it.each([
      [{ combinedCount: 5 }, 'requested channel count exceeds maximum', 36],
      [{ combinedCount: 9, txCount: 1 }, 'requested channel count exceeds maximum', 36],
      [{ combinedCount: 0 }, 'requested channel counts would result in no RX or TX channel being configured', 36],
      [{ combinedMax: 4 }, 'Unsupported attribute', 36],
    ])('are refused: %j', (counts, msg, offset) => {
      expect(set(counts)).toMatchObject({ errno: 22, msg, offset })
      expect(nic.realRxQueues).toBe(4)
    })

    it('stay as long as someone leases them', () => {
      const nk = lessee(bench)
      const lease = { ifindex: nic.ifindex, queue: { id: 2, type: 'rx' as const } }
      generic(bench, NETDEV, NETDEV.commands.queueCreate, { ifindex: nk.ifindex, type: 'rx', lease })
      expect(set({ combinedCount: 3 }).errno).toBe(0)
      expect(set({ combinedCount: 2 })).toMatchObject({ errno: 22, msg: 'Device queue in use due to queue leasing' })
      expect(set({ combinedCount: 4 }).errno).toBe(0)
      expect(nic.realRxQueues).toBe(4)
    })

    it('stay as long as something is led to them', () => {
      ask(C.rssSet, { header: eth0, indir: [0, 2] })
      const rss = 'requested channel counts are too low for existing indirection table (2)'
      expect(set({ combinedCount: 2 })).toMatchObject({ errno: 22, msg: rss })
      expect(set({ combinedCount: 3 }).errno).toBe(0)
      ask(C.rssSet, { header: eth0, indir: [] })
      expect(set({ combinedCount: 1 }).errno).toBe(0)
    })

    it('stay one more than a memory provider needs', () => {
      const queue = nic.rxQueue(1)
      if (queue) queue.memoryProvider = testProvider({ dmabuf: 1 })
      const msg = 'requested channel counts are too low for existing memory provider setting (2)'
      expect(set({ combinedCount: 2 })).toMatchObject({ errno: 22, msg })
      expect(set({ combinedCount: 3 }).errno).toBe(0)
    })

    it('are not what netkit has, nor lo', () => {
      lessee(bench)
      for (const devName of ['nk0', 'lo']) {
        expect(ask(C.channelsGet, { header: { devName } }).errno).toBe(95)
        expect(ask(C.channelsSet, { header: { devName }, combinedCount: 1 }).errno).toBe(95)
      }
    })
  })

  describe('rings', () => {
    const set = (rings: object) => ask(C.ringsSet, { header: eth0, ...rings })
    const get = () => ask(C.ringsGet, { header: eth0 }).replies[0]

    it('have sizes, and split headers off as the device likes', () => {
      expect(get()).toMatchObject({
        rxMax: 4096,
        rx: 512,
        tx: 512,
        tcpDataSplit: 'enabled',
        hdsThresh: 0,
        hdsThreshMax: 1024,
      })
      const socket = listen(bench)
      expect(set({ rx: 1024, tcpDataSplit: 'disabled' }).errno).toBe(0)
      expect(heard(bench, socket)[0].attrs).toMatchObject({ rx: 1024, tcpDataSplit: 'disabled' })
      expect(set({ rx: 1024 }).errno).toBe(0)
      expect(heard(bench, socket)).toEqual([])
      set({ tcpDataSplit: 'unknown' })
      expect(get().tcpDataSplit).toBe('enabled')
    })

    it.each([
      [{ rx: 4097 }, 22, 'requested ring size exceeds maximum', 36],
      [{ rx: 9999, tx: 9999 }, 22, 'requested ring size exceeds maximum', 36],
      [{ hdsThresh: 1025 }, 22, 'requested ring size exceeds maximum', 36],
      [{ rxBufLen: 2048 }, 95, 'setting rx buf len not supported', 36],
      [{ cqeSize: 64, txPush: 1 }, 95, 'setting cqe size not supported', 36],
      [{ txPush: 0 }, 95, 'setting tx push not supported', 36],
      [{ rxPush: 1 }, 95, 'setting rx push not supported', 36],
      [{ txPushBufLen: 0 }, 95, 'setting tx push buf len is not supported', 36],
      [{ tcpDataSplit: 3 }, 34, 'integer out of range', 36],
      [{ rxMax: 1 }, 22, 'Unsupported attribute', 36],
    ])('are refused: %j', (rings, errno, msg, offset) => {
      expect(set(rings)).toMatchObject({ errno, msg, offset })
    })

    it('must stay split while memory is provided; a lease alone demands nothing', () => {
      expect(set({ tcpDataSplit: 'enabled' }).errno).toBe(0)
      const queue = nic.rxQueue(0)
      if (queue) queue.memoryProvider = testProvider({ rxBufLen: 4096 })
      const split = "can't disable tcp-data-split while device has memory provider enabled"
      const threshold = "can't set non-zero hds_thresh while device is memory provider enabled"
      expect(set({ tcpDataSplit: 'disabled' })).toMatchObject({ errno: 22, msg: split })
      expect(set({ hdsThresh: 5 })).toMatchObject({ errno: 22, msg: threshold })
      expect(set({ rx: 1000 }).errno).toBe(0)
    })

    it('are looked for attribute by attribute even where there are none', () => {
      const lo = { header: { devName: 'lo' } }
      expect(ask(C.ringsSet, { ...lo, rxBufLen: 1 })).toMatchObject({
        errno: 95,
        msg: 'setting rx buf len not supported',
      })
      expect(ask(C.ringsSet, { ...lo, rx: 1 }).msg).toBeUndefined()
    })
  })

  describe('receive side scaling', () => {
    const get = () => ask(C.rssGet, { header: eth0 }).replies[0]

    it('spreads over all queues until told otherwise', () => {
      const { hfunc, indir, hkey } = get()
      expect([hfunc, hkey.length]).toEqual([['top'], 40])
      expect(indir).toEqual(Array.from({ length: 128 }, (_, i) => i % 4))
      ask(C.channelsSet, { header: eth0, combinedCount: 2 })
      expect(get().indir.slice(0, 4)).toEqual([0, 1, 0, 1])
    })

    it('takes a table, a key, and nothing else', () => {
      const socket = listen(bench)
      const hkey = new Uint8Array(40).fill(7)
      expect(ask(C.rssSet, { header: eth0, indir: [1, 3], hkey }).errno).toBe(0)
      expect(get()).toMatchObject({ hkey, indir: Array.from({ length: 128 }, (_, i) => (i % 2 ? 3 : 1)) })
      expect(heard(bench, socket).map((m) => m.c)).toEqual(['ETHTOOL_MSG_RSS_NTF'])
      const refused = (attrs: object) => ask(C.rssSet, { header: eth0, ...attrs }).errno
      expect([refused({ indir: [4] }), refused({ indir: [0, 1, 2] }), refused({ hkey: hkey.slice(1) })]).toEqual([
        22, 22, 22,
      ])
      expect([refused({ hfunc: ['xor'] }), refused({ inputXfrm: ['sym-xor'] }), refused({ context: 1 })]).toEqual([
        95, 95, 95,
      ])
    })
  })

  it('knows whether there is a link where the driver can tell', () => {
    const link = (devName: string) => ask(C.linkstateGet, { header: { devName } }).replies[0].link
    expect([link('eth0'), link('lo')]).toEqual([undefined, 0])
    setUp(bench, bench.ns.loopback as Device, true)
    expect(link('lo')).toBe(1)
  })

  it('says of what it does not have what Linux says', () => {
    const text = 'failed to retrieve link settings'
    expect(ask(C.linkinfoGet, { header: eth0 })).toMatchObject({ errno: 95, msg: text })
    expect(ask(C.linkmodesGet, {}, true)).toMatchObject({ errno: 0, replies: [] })
    expect(ask(C.eeeSet, { header: eth0, enabled: 1 })).toMatchObject({ errno: 95 })
    expect(ask(C.eeeSet, {})).toMatchObject({ errno: 22, missType: 1 })
    expect(ask(C.cableTestAct, {})).toMatchObject({ errno: 22, msg: 'request header missing' })
    expect(ask(C.pseGet, { header: eth0 })).toMatchObject({ errno: 95, msg: 'No PHY found' })
  })
})
