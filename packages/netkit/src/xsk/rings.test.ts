import { errno } from '@netkit/netlink'
import { describe, expect, test } from 'vitest'
import { FrameBatch } from './batch.ts'
import type { XskLayout } from './layout.ts'
import { XskRings } from './rings.ts'

const UMEM = 32_768
/** Words of a TX and a completion ring of 16 entries each. */
const TX = { entries: 16, producer: 0, consumer: 16, flags: 32, first: 48 }
const COMPLETION = { entries: 16, producer: 128, consumer: 144, flags: 160, first: 176 }

const layout = (): XskLayout => ({
  memory: new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }),
  umem: UMEM,
  size: 32_768,
  chunkSize: 2048,
  unaligned: false,
  rx: undefined,
  tx: TX,
  fill: undefined,
  completion: COMPLETION,
  free: undefined,
  doorbell: undefined,
})

/** A kernel that is woken to send, and takes some packets each time. */
function sender(made: XskLayout, take: readonly number[]) {
  const words = new Int32Array(made.memory.buffer)
  words[TX.flags] = 1
  let calls = 0
  const send = (): number => {
    const count = take[calls++] ?? 0
    for (let n = 0; n < count; n++) {
      const from = TX.first + (((words[TX.consumer] + n) & 15) << 2)
      words[COMPLETION.first + (((words[COMPLETION.producer] + n) & 15) << 1)] = words[from]
    }
    words[TX.consumer] += count
    words[COMPLETION.producer] += count
    return words[TX.consumer] === words[TX.producer] ? 0 : -errno.EAGAIN
  }
  return { wakeup: { send, receive: () => 0 }, words, calls: () => calls }
}

describe('rings that the kernel empties a few packets at a time', () => {
  const send = (take: readonly number[], count: number) => {
    const made = layout()
    const kernel = sender(made, take)
    const rings = new XskRings(made, kernel.wakeup)
    const batch = new FrameBatch(16)
    rings.allocate(batch, count)
    batch.lengths.fill(60)
    expect(rings.send(batch)).toBe(count)
    return { rings, kernel }
  }

  test('are sent whole: the kernel is woken until it has taken all', () => {
    const { rings, kernel } = send([4, 4, 2], 10)
    expect(kernel.words[TX.consumer]).toBe(10)
    expect(kernel.calls()).toBe(3)
    expect(rings.reap()).toBe(10)
    expect(rings.free.count).toBe(16)
  })

  test('are left as they are where the kernel cannot go on', () => {
    const { rings, kernel } = send([4, 0, 0, 6], 10)
    expect(kernel.calls()).toBe(2)
    expect(rings.kick()).toBe(-errno.EAGAIN)
    expect(rings.kick()).toBe(0)
    expect(kernel.words[TX.consumer]).toBe(10)
  })

  test('are not looked at by a call where the kernel need not be woken', () => {
    const made = layout()
    const kernel = sender(made, [])
    kernel.words[TX.flags] = 0
    expect(new XskRings(made, kernel.wakeup).kick()).toBe(0)
    expect(kernel.calls()).toBe(0)
  })
})
