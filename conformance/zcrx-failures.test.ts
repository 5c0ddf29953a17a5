import { errno, KernelError } from '@netkit/netlink'
import type { ZcrxReceiver } from 'netkit'
import { describe, expect, test } from 'vitest'
import { type LeaseAt, OTHER_PORT, Pod } from './zcrx/pod.ts'

const PART = 20_000
const part = (from: number): Uint8Array => Uint8Array.from({ length: PART }, (_, n) => (from + n * 13) & 0xff)

/** What a receiver has been told so far. */
class Told {
  bytes = 0
  readonly ends: number[] = []
  readonly events: string[] = []
  readonly held: number[] = []

  /** Takes all that waits; gives bufs back unless told to keep them. */
  poll(zc: ZcrxReceiver, keep = false): this {
    const visitor = {
      data: (_: number, offset: number, length: number) => {
        this.bytes += length
        if (keep) this.held.push(offset)
        else zc.giveBack(offset)
      },
      end: (_: number, result: number) => void this.ends.push(result),
      event: (event: string) => void this.events.push(event),
    }
    while (zc.poll(visitor) > 0);
    return this
  }
}

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error) => (error instanceof KernelError ? error.code : String(error)),
  )

/** The send buffer is full: nothing was taken. */
function noRoom(error: unknown): number {
  if (error instanceof KernelError && error.code === 'EAGAIN') return 0
  throw error
}

describe('what can fail of zero-copy receive (spec 03, 7.4)', () => {
  test('a queue that is not leased, and one that is leased out', async () => {
    await using pod = await Pod.make('peer')
    expect(await code(pod.open())).toBe('EOPNOTSUPP')
    await pod.lease()
    expect(await code(pod.open({ queue: 2 }))).toBe('EOPNOTSUPP')
    expect(await code(pod.sdk.zcrx.open({ device: 'eth0', queue: 3 }))).toBe('EOPNOTSUPP')
    expect(await code(pod.sdk.zcrx.open({ device: 'eth0', queue: 77 }))).toBe('ERANGE')
  })

  test('a NIC that does not split headers, and a queue that someone has', async () => {
    await using pod = await Pod.make('peer')
    await pod.lease()
    await using zc = await pod.open()
    expect(await code(pod.open())).toBe('EEXIST')
    const set = pod.sdk.ethtool.rings.set('eth0', { tcpDataSplit: 'disabled' })
    expect(await code(set)).toBe('EINVAL')
    await zc.close()
    await pod.sdk.ethtool.rings.set('eth0', { tcpDataSplit: 'disabled' })
    expect(await code(pod.open())).toBe('EINVAL')
  })

  test('the single device of the lease is deleted in the middle: what comes then is copied, and told', async () => {
    await using pod = await Pod.make('single')
    await pod.lease()
    await using zc = await pod.open()
    const { near, far } = await pod.connect()
    zc.receive(near)
    await far.send(part(0))
    const told = new Told().poll(zc)
    expect([told.bytes, told.events]).toEqual([PART, []])
    await pod.sdk.devices.remove(pod.lessee, { in: 'pod' })
    await far.send(part(1))
    told.poll(zc)
    expect([told.bytes, told.events, told.ends]).toEqual([2 * PART, ['copy'], []])
    expect(Number(zc.stats?.copiedBytes)).toBeGreaterThan(0)
  })

  test('without flushing the free bufs run out after that, and the request ends; nothing is lost', async () => {
    await using pod = await Pod.make('single')
    await pod.lease()
    await using zc = await pod.open({ areaBytes: 32 * 4096, refillEntries: 32 })
    const { near, far } = await pod.connect()
    zc.receive(near)
    await pod.sdk.devices.remove(pod.lessee, { in: 'pod' })
    for (let n = 0; n < 6; n++) await far.send(part(n), { wait: false })
    const told = new Told().poll(zc)
    expect(told.ends).toEqual([-errno.ENOMEM])
    zc.flush()
    zc.receive(near)
    for (let n = 0; n < 100 && told.bytes < 6 * PART; n++) {
      told.poll(zc)
      zc.flush()
      if (told.ends.length > 1) {
        told.ends.pop()
        zc.receive(near)
      }
    }
    expect(told.bytes).toBe(6 * PART)
  })

  test('without a device a stream that is larger than the area is read to its end', async () => {
    await using pod = await Pod.make('single')
    await using zc = await pod.sdk.zcrx.open({ areaBytes: 3 * 4096, refillEntries: 4 })
    const expected = part(0)
    const connections = [await pod.connect(), await pod.connect(OTHER_PORT)]
    const read = async ({ near, far }: (typeof connections)[number]): Promise<number> => {
      const sending = far.send(expected).then(() => far.shutdown(1))
      let at = 0
      for await (const view of zc.read(near)) for (const byte of view) if (byte === expected[at]) at++
      await sending
      return at
    }
    expect(await read(connections[0])).toBe(PART)
    expect(await read(connections[1])).toBe(PART)
  })

  test('the NIC is unplugged: devices that lease from it go, the receiver stays', async () => {
    await using pod = await Pod.make('peer')
    await pod.lease()
    await using zc = await pod.open()
    const [nic] = (await pod.sdk.nics.list()).filter(({ name }) => name === 'eth0')
    await pod.sdk.nics.remove(nic.id)
    expect(await pod.sdk.devices.find('nk0')).toBeUndefined()
    expect(new Told().poll(zc).ends).toEqual([])
  })

  test('the receiver is closed while TCP goes on: the queue is the kernel’s again', async () => {
    await using pod = await Pod.make('peer')
    await pod.lease()
    const zc = await pod.open()
    const { near, far } = await pod.connect()
    zc.receive(near)
    await far.send(part(0))
    await zc.close()
    // What was received before is memory that nobody can read by recv.
    expect(await code(near.recv(10))).toBe('EFAULT')
    const [queue] = (await pod.sdk.queues.list({ device: 'eth0' })).filter(({ id, type }) => id === 3 && type === 'rx')
    expect(queue.ioUring).toBeUndefined()
    await using again = await pod.open()
    expect(again.id).toBe(0)
  })

  test('packets that come by another queue are copied', async () => {
    await using pod = await Pod.make('peer')
    await pod.lease()
    await using zc = await pod.open()
    const { near, far } = await pod.connect(OTHER_PORT)
    zc.receive(near)
    await far.send(part(0))
    const told = new Told().poll(zc)
    expect([told.bytes, told.ends]).toEqual([PART, []])
    expect(pod.copies().fallback).toBe(PART)
  })

  test('no buf is left: frames are dropped, which is told once, and all comes when bufs come back', async () => {
    await using pod = await Pod.make('peer')
    await pod.lease()
    // As many bufs as the NIC's ring takes, and some more to replace them.
    await using zc = await pod.open({ areaBytes: (512 + 128) * 4096, refillEntries: 1024 })
    const { near, far } = await pod.connect()
    zc.receive(near)
    const told = new Told()
    let sent = 0
    for (let n = 0; n < 16; n++) {
      sent += await far.send(part(n), { wait: false }).catch(noRoom)
      told.poll(zc, true)
    }
    expect(told.events).toEqual(['alloc-fail'])
    expect(told.bytes).toBeLessThan(sent)
    for (const offset of told.held.splice(0)) zc.giveBack(offset)
    while (told.bytes < sent) {
      await zc.wait()
      told.poll(zc)
    }
    expect([told.bytes, told.ends]).toEqual([sent, []])
  })

  test.each<LeaseAt>(['peer', 'single'])(
    'deleting, closing and unplugging in any order leaves nothing: %s',
    async (at) => {
      const acts = ['close', 'delete', 'unplug'] as const
      for (const first of acts)
        for (const second of acts.filter((act) => act !== first)) {
          await using pod = await Pod.make(at)
          await pod.lease()
          const zc = await pod.open()
          const { near, far } = await pod.connect()
          zc.receive(near)
          await far.send(part(0))
          const [nic] = (await pod.sdk.nics.list()).filter(({ name }) => name === 'eth0')
          const rest = acts.find((act) => act !== first && act !== second)
          for (const act of [first, second, rest]) {
            if (act === 'close') await zc.close()
            else if (act === 'unplug') await pod.sdk.nics.remove(nic.id)
            else await code(pod.sdk.devices.remove(pod.lessee, { in: 'pod' }))
          }
          await near.close()
          await far.close()
          // The pools themselves go within a second.
          const inflight = [...pod.kernel.pagePools.all].reduce(
            (sum, pool) => sum + (pool.provider ? pool.inflight : 0),
            0,
          )
          expect({ first, second, inflight }).toEqual({ first, second, inflight: 0 })
        }
    },
  )

  test('a lease on a single device comes and goes while the pair carries a stream without a loss', async () => {
    await using pod = await Pod.make('single')
    const { near, far } = await pod.connect(OTHER_PORT)
    for (let n = 0; n < 50; n++) {
      await far.send(part(n))
      await pod.lease()
      const zc = await pod.open()
      await zc.close()
      await pod.sdk.devices.remove(pod.lessee, { in: 'pod' })
      let got = 0
      while (got < PART) got += (await near.recv(PART - got)).length
    }
    const info = await far.getsockopt(6, 11)
    // tcpi_total_retrans
    expect(new DataView(info.buffer, info.byteOffset).getUint32(100, true)).toBe(0)
  })
})
