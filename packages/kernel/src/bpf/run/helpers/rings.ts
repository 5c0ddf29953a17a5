import { ringCommit, ringOutput, ringQuery, ringReserve } from '@netkit/bpf'
import type { HelperRow } from './helper.ts'

const TWO_32 = 0x1_0000_0000

/** Ring buffers. Nobody sleeps on one, so that flags about waking change nothing. Source: spec 02 §3.6, §6.8. */
export const RINGS: readonly HelperRow[] = [
  {
    name: 'ringbuf_output',
    args: ['u32', 'u32', 'u32', 'u32'],
    returns: 's32',
    body: ({ memory }, map, from, bytes, flags) => ringOutput(memory, map >>> 0, from >>> 0, bytes >>> 0, flags),
  },
  {
    name: 'ringbuf_reserve',
    args: ['u32', 'u32', 'u64'],
    returns: 'u32',
    body: ({ memory }, map, bytes, low, high) => ((low | high) === 0 ? ringReserve(memory, map >>> 0, bytes >>> 0) : 0),
  },
  {
    name: 'ringbuf_submit',
    args: ['u32', 'u32'],
    returns: 'void',
    body({ memory }, record) {
      ringCommit(memory, record >>> 0, false)
      return 0
    },
  },
  {
    name: 'ringbuf_discard',
    args: ['u32', 'u32'],
    returns: 'void',
    body({ memory }, record) {
      ringCommit(memory, record >>> 0, true)
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
