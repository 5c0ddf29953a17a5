import { errno } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import type { PollingPath } from '../net/path.ts'
import { Injections } from './injections.ts'

/** A path that polls when it is told to, and what was dropped on it. */
function lab() {
  const injections = new Injections()
  const dropped: number[] = []
  const path = {
    packets: { drop: (handle: number) => dropped.push(handle) },
    schedule: (poller: Injections) => {
      poller.scheduled = true
    },
  } as unknown as PollingPath
  const socket = (answer = 0) => {
    const taken: (number | 'flush')[] = []
    const takeInjected = (_: unknown, handle: number) => {
      if (answer === 0) taken.push(handle)
      return answer
    }
    return { taken, takeInjected, flush: () => taken.push('flush') }
  }
  return { injections, dropped, path, socket }
}

describe('frames that wait for sockets', () => {
  test('are taken in order when it is their turn, and shown once', () => {
    const { injections, path, socket } = lab()
    const [one, two] = [socket(), socket()]
    for (const handle of [1, 2, 3]) expect(injections.push(path, one, handle)).toBe(0)
    injections.push(path, two, 4)
    expect([injections.scheduled, one.taken]).toEqual([true, []])
    expect(injections.poll(64)).toBe(false)
    expect([one.taken, two.taken]).toEqual([
      [1, 2, 3, 'flush'],
      [4, 'flush'],
    ])
  })

  test('are no more than a budget in a turn', () => {
    const { injections, path, socket } = lab()
    const one = socket()
    for (const handle of [1, 2, 3]) injections.push(path, one, handle)
    expect(injections.poll(2)).toBe(true)
    expect(one.taken).toEqual([1, 2, 'flush'])
    expect(injections.poll(2)).toBe(false)
    expect(one.taken).toEqual([1, 2, 'flush', 3, 'flush'])
  })

  test('are dropped where the socket does not take them any more', () => {
    const { injections, path, socket, dropped } = lab()
    injections.push(path, socket(-errno.ENXIO), 7)
    expect(injections.poll(64)).toBe(false)
    expect(dropped).toEqual([7])
  })

  test('are a thousand at most, however often that comes round', () => {
    const { injections, path, socket } = lab()
    const one = socket()
    for (let round = 0; round < 3; round++) {
      for (let n = 0; n < 1000; n++) expect(injections.push(path, one, n)).toBe(0)
      expect(injections.push(path, one, 1000)).toBe(-errno.ENOBUFS)
      expect(injections.poll(1000)).toBe(false)
    }
    expect(one.taken.filter((n) => n === 999)).toHaveLength(3)
  })
})
