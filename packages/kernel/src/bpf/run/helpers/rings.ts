import { ringCommit, ringOutput, ringQuery, ringReserve } from '@netkit/bpf'
import type { HelperRow, HelperWorld } from './helper.ts'

const TWO_32 = 0x1_0000_0000

/** Readers look for themselves whether the ring is theirs and what is in it. */
function wake({ recordReaders }: HelperWorld): void {
  if (recordReaders.size === 0) return
  for (const written of recordReaders) written()
}

/** Ring buffers. Readers are always told, so that flags about waking change nothing. Source: spec 02 §3.6, §6.8. */
export const RINGS: readonly HelperRow[] = [
  {
    name: 'ringbuf_output',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body(of, map, from, bytes, flags) {
      const error = ringOutput(of.memory, map >>> 0, from >>> 0, bytes >>> 0, flags)
      if (error === 0) wake(of)
      return error
    },
  },
  {
    name: 'ringbuf_reserve',
    args: ['u32', 'u64', 'u64'],
    returns: 'u32',
    body: ({ memory }, map, bytes, bytesHigh, flags, flagsHigh) =>
      (bytesHigh | flags | flagsHigh) === 0 ? ringReserve(memory, map >>> 0, bytes >>> 0) : 0,
  },
  {
    name: 'ringbuf_submit',
    args: ['u32', 'u32'],
    returns: 'void',
    body(of, record) {
      ringCommit(of.memory, record >>> 0, false)
      wake(of)
      return 0
    },
  },
  {
    name: 'ringbuf_discard',
    args: ['u32', 'u32'],
    returns: 'void',
    body(of, record) {
      ringCommit(of.memory, record >>> 0, true)
      wake(of)
      return 0
    },
  },
  {
    name: 'ringbuf_query',
    args: ['u32', 'u32'],
    returns: 'u64',
    body({ memory, resultCell }, map, what) {
      const answer = ringQuery(memory, map >>> 0, what >>> 0)
      memory.view.setUint32(resultCell, answer % TWO_32, true)
      memory.view.setUint32(resultCell + 4, Math.floor(answer / TWO_32), true)
      return 0
    },
  },
]
