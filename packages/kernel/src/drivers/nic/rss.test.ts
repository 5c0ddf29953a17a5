import { errno } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import * as K from '../../packet/flow-key.ts'
import { HASH_ADDRESSES, HASH_ADDRESSES_PORTS, RSS_TABLE_SIZE, Rss } from './rss.ts'

const random = () => 0x9e3779b9
const flow = (type: number, ip: number, ports = 0x12340050) => {
  const key = K.flowKey()
  key[K.KEY_TYPES] = (1 << type) | (1 << ip) | (1 << K.FLOW_ETHER)
  key.set([1, 2, 3, 4, 5, 6, 7, 8, ports], K.KEY_SOURCE)
  return key
}

describe('the table', () => {
  test('is i mod n by default and follows the number of queues', () => {
    const rss = new Rss(random, 3)
    expect([...rss.table]).toEqual(Array.from({ length: RSS_TABLE_SIZE }, (_, i) => i % 3))
    rss.resize(5)
    expect([...rss.table.subarray(0, 6)]).toEqual([0, 1, 2, 3, 4, 0])
  })

  test('of the user stays as it is', () => {
    const rss = new Rss(random, 8)
    expect(rss.setEqual(2, 8)).toBeUndefined()
    rss.resize(16)
    expect(rss.highest).toBe(1)
    expect(rss.userSet).toBe(true)
    rss.reset(16)
    expect([rss.highest, rss.userSet]).toEqual([15, false])
  })

  test('takes a divisor of its size, repeated', () => {
    const rss = new Rss(random, 8)
    expect(rss.setTable([3, 5], 8)).toBeUndefined()
    expect([...rss.table.subarray(0, 4), ...rss.table.subarray(126)]).toEqual([3, 5, 3, 5, 3, 5])
    expect(rss.setTable([1, 2, 3], 8)).toEqual({ errno: errno.EINVAL })
    expect(rss.setTable([], 8)).toEqual({ errno: errno.EINVAL })
  })

  test('refuses queues that do not exist, in the words of the kernel, and changes nothing', () => {
    const rss = new Rss(random, 4)
    const before = [...rss.table]
    const entries = Array.from({ length: RSS_TABLE_SIZE }, () => 0)
    entries[7] = 4
    expect(rss.setTable(entries, 4)).toEqual({ errno: errno.EINVAL, message: 'entry 7: queue out of range (4)' })
    expect(rss.setEqual(5, 4)).toEqual({ errno: errno.EINVAL, message: 'entry 4: queue out of range (4)' })
    expect(rss.setEqual(0, 4)).toEqual({ errno: errno.EINVAL })
    expect([...rss.table]).toEqual(before)
    expect(rss.userSet).toBe(false)
  })

  test('the low bits of the hash choose, also of a negative one', () => {
    const rss = new Rss(random, 128)
    expect(rss.queue(0x12345605)).toBe(5)
    expect(rss.queue(-1)).toBe(127)
  })
})

describe('the hash', () => {
  test('covers ports of TCP, UDP and SCTP unless told otherwise', () => {
    const rss = new Rss(random, 8)
    rss.setKey(Uint8Array.from({ length: 40 }, (_, i) => i * 41 + 3))
    for (const [type, ip] of [
      [K.FLOW_TCP4, K.FLOW_IP4],
      [K.FLOW_UDP4, K.FLOW_IP4],
      [K.FLOW_SCTP4, K.FLOW_IP4],
      [K.FLOW_TCP6, K.FLOW_IP6],
      [K.FLOW_UDP6, K.FLOW_IP6],
      [K.FLOW_SCTP6, K.FLOW_IP6],
    ]) {
      const [a, b] = [flow(type, ip, 1), flow(type, ip, 2)]
      expect(rss.hash(a)).not.toBe(rss.hash(b))
      expect(rss.coversPorts(a)).toBe(true)
      expect(rss.hashFields(type)).toBe(HASH_ADDRESSES_PORTS)
      expect(rss.setHashFields(type, HASH_ADDRESSES)).toBeUndefined()
      expect(rss.hash(a)).toBe(rss.hash(b))
      expect(rss.coversPorts(a)).toBe(false)
      expect(rss.setHashFields(type, HASH_ADDRESSES_PORTS)).toBeUndefined()
      expect(rss.hash(a)).not.toBe(rss.hash(b))
    }
  })

  test('is that of the addresses for other IP, and 0 for what is not IP', () => {
    const rss = new Rss(random, 8)
    expect(rss.hash(flow(K.FLOW_IP4, K.FLOW_IP4, 1))).toBe(rss.hash(flow(K.FLOW_IP4, K.FLOW_IP4, 2)))
    expect(rss.hash(flow(K.FLOW_ETHER, K.FLOW_ETHER))).toBe(0)
    expect(rss.setHashFields(K.FLOW_IP4, HASH_ADDRESSES_PORTS)).toEqual({ errno: errno.EINVAL })
    expect(rss.setHashFields(K.FLOW_TCP4, 0x10)).toEqual({ errno: errno.EINVAL })
  })

  test('changes with the key', () => {
    const rss = new Rss(random, 8)
    const before = rss.hash(flow(K.FLOW_TCP4, K.FLOW_IP4))
    expect(rss.setKey(new Uint8Array(40).fill(7))).toBeUndefined()
    expect(rss.hash(flow(K.FLOW_TCP4, K.FLOW_IP4))).not.toBe(before)
    expect(rss.setKey(new Uint8Array(52))).toEqual({ errno: errno.EINVAL })
  })
})
