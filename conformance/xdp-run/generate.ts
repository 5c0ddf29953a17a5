import { assemble, encode } from '@netkit/bpf'
import { Chance } from '@netkit/netlink/testing'

/** A call of PROG_TEST_RUN for an XDP program; bytes in hex. */
export interface XdpRun {
  readonly name: string
  /** Instructions; `MAP` stands for the descriptor of a devmap of 4 entries, the one of key 1 leads to `lo`. */
  readonly insns: string
  /** BPF_F_XDP_HAS_FRAGS, or none. */
  readonly progFlags: number
  /** Bytes of the frame, with its metadata: byte i is the low half of 7 i + `first`. */
  readonly size: number
  readonly first: number
  /** A whole `struct xdp_md`, or none. */
  readonly context?: string
  readonly repeat: number
  readonly flags: number
  readonly batch: number
  /** Room for the frame and the context that come back. */
  readonly room: number
  readonly contextRoom: number
}

export const MAP = 0x7777
const NATIVE_LENGTHS = [14, 15, 20, 34, 60, 64, 98, 128, 200, 342, 576, 1500, 1514]
const EDGES = [13, 1, 3519, 3520, 3521, 3504, 4096, 4200, 7616, 9000]
const DELTAS = [-256, -220, -217, -216, -215, -100, -32, -14, -8, -4, -1, 0, 1, 4, 8, 14, 20, 50, 100, 255, 1000, 5000]

const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('')

/** Adds R0 to what the program returns in the end. */
const note = 'r7 *= 31; r7 += r0'

function operation(c: Chance, n: number): string {
  const change = (helper: string): string =>
    `r1 = r6; r2 = ${c.pick(DELTAS) + (c.odds(1, 4) ? c.below(9) - 4 : 0)}; call ${helper}; ${note}`
  const bytes = (helper: string): string => {
    const length = c.pick([1, 2, 4, 8, 13, 16, 32])
    const offset = c.pick([0, 1, 6, 12, 14, 40, 60, 1490, 3500, 3519, 4100, 65535, 65536, -1])
    return `r1 = r6; r2 = ${offset}; r3 = r10; r3 += -64; r4 = ${length}; call ${helper}; ${note}`
  }
  switch (c.below(9)) {
    case 0:
      return change('xdp_adjust_head')
    case 1:
      return change('xdp_adjust_tail')
    case 2:
      return change('xdp_adjust_meta')
    case 3:
      return bytes('xdp_load_bytes')
    case 4:
      return `*(u64 *)(r10 - 64) = ${c.below(1 << 30)}; ${bytes('xdp_store_bytes')}`
    case 5:
      return `r1 = r6; call xdp_get_buff_len; ${note}`
    case 6: {
      const at = c.pick([0, 6, 12, 13, 33, 53])
      return `r2 = *(u32 *)(r6 + 0); r3 = *(u32 *)(r6 + 4); r4 = r2; r4 += ${at + 1}; if r4 > r3 goto past${n}
        r0 = *(u8 *)(r2 + ${at}); r0 += ${c.below(7)}; *(u8 *)(r2 + ${at}) = r0; ${note}
        past${n}:`
    }
    case 7:
      return `r2 = *(u32 *)(r6 + 8); r3 = *(u32 *)(r6 + 0); r4 = r2; r4 += 4; if r4 > r3 goto past${n}
        r0 = *(u32 *)(r2 + 0); r0 += ${c.below(1000)}; *(u32 *)(r2 + 0) = r0; ${note}
        past${n}:`
    default:
      return c.odds(1, 2)
        ? `r1 = map[fd:${MAP}]; r2 = ${c.pick([0, 1, 1, 3, 4, 99])}; r3 = ${c.pick([0, 1, 2, 3, 4, 8, 16, 24, 9, 32])}; call redirect_map; ${note}`
        : `r1 = ${c.below(3)}; r2 = ${c.pick([0, 0, 1, 2])}; call redirect; ${note}`
  }
}

function context(c: Chance, size: number): Uint8Array {
  const words = new Uint32Array(6)
  words[0] = c.pick([0, 0, 4, 8, 32, 252, 256, 2, 40])
  words[1] = c.pick([size, size, size, words[0] + 14, words[0], size + 1, Math.min(size, 100)])
  words[3] = c.pick([0, 0, 1, 77])
  if (c.odds(1, 12)) words[c.pick([2, 4, 5])] = 1
  return new Uint8Array(words.buffer)
}

/** One random run. */
export function randomRun(seed: number): XdpRun {
  const c = new Chance(seed)
  const body = Array.from({ length: 1 + c.below(6) }, (_, n) => operation(c, n))
  const facts = `r0 = *(u32 *)(r6 + ${c.pick([12, 16])}); ${note}; r2 = *(u32 *)(r6 + 4); r0 = *(u32 *)(r6 + 0); r2 -= r0; r0 = r2; ${note}`
  const result = c.odds(1, 2) ? 'r0 = r7; r0 &= 7' : 'r0 = r7'
  // The whole stack area that helpers read was written before.
  const stack = Array.from({ length: 8 }, (_, i) => `*(u64 *)(r10 - ${8 * (i + 1)}) = ${i}`).join('; ')
  const source = ['r6 = r1; r7 = 0', stack, ...body, facts, result, 'exit'].join('\n')
  const size = c.odds(1, 4) ? c.pick(EDGES) : c.pick(NATIVE_LENGTHS)
  const given = c.odds(1, 2) ? context(c, size) : undefined
  return {
    name: String(seed),
    insns: hex(encode(assemble(source))),
    progFlags: c.odds(1, 2) ? 32 : 0,
    size,
    first: seed & 0xff,
    ...(given && { context: hex(given) }),
    repeat: c.pick([0, 1, 1, 1, 2, 3]),
    flags: c.odds(1, 20) ? c.pick([1, 4]) : 0,
    batch: c.odds(1, 30) ? 8 : 0,
    room: c.odds(1, 8) ? c.pick([0, 10, 64]) : 10_000,
    contextRoom: given && c.odds(3, 4) ? c.pick([24, 24, 24, 12, 32]) : 0,
  }
}
