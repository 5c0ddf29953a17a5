import { expect, it } from 'vitest'
import { COPY } from '../../packet/copy-reason.ts'
import { Packets } from '../../packet/packets.ts'
import { allocPaged } from '../../packet/pages.ts'
import { ReceiveQueue, type SpanVisitor } from './receive-queue.ts'

const counting = (from: number, length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => from + i)

/** The bytes of each span as they lie in packet memory. */
function seen(packets: Packets, queue: ReceiveQueue): number[][] {
  const spans: number[][] = []
  const note = (offset: number, length: number): boolean => {
    spans.push([...packets.memory.u8.subarray(offset, offset + length)])
    return true
  }
  const visitor: SpanVisitor = {
    linear: (_, offset, length) => note(offset, length),
    fragment: (_, __, ___, offset, length) => note(offset, length),
  }
  queue.walk(visitor)
  return spans
}

it('shows bytes where they are, in order, and frees what is consumed', () => {
  const packets = new Packets()
  const queue = new ReceiveQueue(packets)
  queue.push(allocPaged(packets, counting(0, 5), 2, COPY.userIn))
  queue.push(packets.allocFromArray(counting(5, 3), COPY.userIn))
  expect(seen(packets, queue)).toEqual([
    [0, 1],
    [2, 3, 4],
    [5, 6, 7],
  ])
  const copied = packets.memory.copies.bytes[COPY.userOut]
  queue.consume(3)
  expect(seen(packets, queue)).toEqual([
    [3, 4],
    [5, 6, 7],
  ])
  expect(queue.bytes).toBe(5)
  queue.consume(2)
  expect(packets.table.inUse).toBe(1)
  expect(packets.memory.copies.bytes[COPY.userOut]).toBe(copied)
  expect([...(queue.read(2) ?? [])]).toEqual([5, 6])
  queue.consume(1)
  expect([queue.count, queue.bytes, queue.memory]).toEqual([0, 0, 0])
  expect(packets.table.inUse + packets.buffers.inUse + packets.fragments.inUse).toBe(0)
})

it('keeps the order when its ring grows around its end', () => {
  const packets = new Packets()
  const queue = new ReceiveQueue(packets)
  for (let n = 0; n < 10; n++) queue.push(packets.allocFromArray(counting(n, 1), COPY.userIn))
  queue.consume(7)
  for (let n = 10; n < 60; n++) queue.push(packets.allocFromArray(counting(n, 1), COPY.userIn))
  expect([...(queue.read(1000) ?? [])]).toEqual([...counting(7, 53)])
  expect(packets.table.inUse).toBe(0)
})
