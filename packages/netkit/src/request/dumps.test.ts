import { errno, NLM_F_DUMP_INTR, NLM_F_MULTI } from '@netkit/netlink'
import { ack, datagram, done } from '@netkit/netlink/testing'
import { describe, expect, test } from 'vitest'
import { ask, clientBench, link, tick } from '../testing/client-bench.ts'
import { DumpInterruptedError } from './errors.ts'

describe('dumps', () => {
  const all = (r: Uint8Array, flags = 0) => [
    datagram(link(r, 1, NLM_F_MULTI), link(r, 2, NLM_F_MULTI | flags)),
    datagram(link(r, 3, NLM_F_MULTI)),
    done(r),
  ]

  test('resolve with all messages, in order', async () => {
    const { client, sockets } = clientBench((r) => all(r))
    const replies = await client.dump(ask(0), { op: 'list' })
    expect(replies.map((r) => r.data.s32(r.start + 20))).toEqual([1, 2, 3])
    expect(new DataView(sockets[0].sent[0].buffer).getUint16(6, true)).toBe(0x301)
  })

  test('that were interrupted are made again', async () => {
    let times = 0
    const { client } = clientBench((r) => all(r, ++times < 3 ? NLM_F_DUMP_INTR : 0))
    expect(await client.dump(ask(0), { op: 'list' })).toHaveLength(3)
    expect(times).toBe(3)
  })

  test('that are always interrupted are given up, and say so', async () => {
    let times = 0
    const { client } = clientBench((r) => {
      times++
      return all(r, NLM_F_DUMP_INTR)
    })
    const error = await client.dump(ask(0), { op: 'device list' }).catch((e) => e)
    expect(error).toBeInstanceOf(DumpInterruptedError)
    expect(error).toMatchObject({ op: 'device list', attempts: 10 })
    expect(times).toBe(10)
  })

  test('take turns on one socket, while requests go on', async () => {
    const order: string[] = []
    const { client } = clientBench((r, socket) => {
      const isDump = (new DataView(r.buffer).getUint16(6, true) & 0x300) !== 0
      order.push(isDump ? 'dump' : 'request')
      if (!isDump) return [ack(r)]
      socket.deliver(link(r, 1, NLM_F_MULTI))
      setTimeout(() => {
        order.push('end')
        socket.deliver(done(r))
      }, 5)
      return undefined
    })
    const dumps = [client.dump(ask(0), { op: 'a' }), client.dump(ask(0), { op: 'b' })]
    await tick()
    await client.request(ask(), { op: 'c' })
    await Promise.all(dumps)
    expect(order).toEqual(['dump', 'request', 'end', 'dump', 'end'])
  })

  test('that nobody waits for any more still hold back the next one until their end', async () => {
    const open: Uint8Array[] = []
    const { client, sockets } = clientBench((r) => {
      open.push(r)
      return undefined
    })
    const controller = new AbortController()
    const first = client.dump(ask(0), { op: 'a', signal: controller.signal })
    await tick()
    controller.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    const second = client.dump(ask(0), { op: 'b' })
    await tick()
    expect(open).toHaveLength(1)
    sockets[0].deliver(done(open[0]))
    await tick()
    expect(open).toHaveLength(2)
    sockets[0].deliver(datagram(link(open[1], 5), done(open[1])))
    expect(await second).toHaveLength(1)
  })

  test('that were refused do not hold back the next one', async () => {
    let refuse = true
    const { client } = clientBench((r) => (refuse ? [ack(r, errno.EBUSY)] : all(r)))
    await expect(client.dump(ask(0), { op: 'a' })).rejects.toMatchObject({ code: 'EBUSY' })
    refuse = false
    expect(await client.dump(ask(0), { op: 'b' })).toHaveLength(3)
  })

  test('end with the refusal that their last message carries', async () => {
    const { client } = clientBench((r) => [
      done(r, errno.EINVAL, { msg: 'Unsupported attribute in link dump request' }),
    ])
    await expect(client.dump(ask(0), { op: 'a' })).rejects.toMatchObject({
      code: 'EINVAL',
      extack: 'Unsupported attribute in link dump request',
    })
  })

  test('of which messages were lost are made again on a new socket', async () => {
    let times = 0
    const { client, sockets } = clientBench((r, socket) => {
      if (++times > 1) return all(r)
      socket.deliver(link(r, 1, NLM_F_MULTI))
      socket.lose()
      return undefined
    })
    expect(await client.dump(ask(0), { op: 'a' })).toHaveLength(3)
    expect(sockets).toHaveLength(2)
  })
})
