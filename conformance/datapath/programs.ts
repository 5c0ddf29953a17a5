import { assemble, encode } from '@netkit/bpf'
import { type Attachment, FIELDS, type Hook, ifindexOf } from './case.ts'

/** Stands for the descriptor of the observers' map until it is known. */
const MAP_FD = 0x7ef0_0000
const IMMEDIATE = 4
const SLOT = 8

/** A program that is attached, its instructions with what has to be filled in later. */
export function attachment(device: string, hook: Hook, lines: readonly string[]): Attachment {
  const asm = lines.join('\n')
  const code = encode(assemble(asm))
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const maps: number[] = []
  for (let slot = 0; slot < code.length / SLOT; slot++) {
    if (view.getInt32(slot * SLOT + IMMEDIATE, true) === MAP_FD) maps.push(slot)
  }
  return { device, hook, code: Buffer.from(code).toString('hex'), maps, asm }
}

/** Every program begins so: R6 is the context. */
export const BEGIN = 'r6 = r1'

/** Writes down what the program sees of its packet, as observer `slot`. */
export function observe(slot: number): string[] {
  const skip = `seen${slot}`
  return [
    `*(u32 *)(r10 - 4) = ${slot}; r2 = r10; r2 += -4; r1 = map[fd:${MAP_FD}]; call map_lookup_elem`,
    `if r0 == 0 goto ${skip}`,
    ...FIELDS.map(([name, offset], i) => {
      const to = `*(u32 *)(r0 + ${4 * i})`
      if (name === 'runs') return `r1 = ${to}; r1 += 1; ${to} = r1`
      if (name !== 'stamped') return `r1 = *(u32 *)(r6 + ${offset}); ${to} = r1`
      return `r1 = *(u64 *)(r6 + ${offset}); r2 = 0; if r1 == 0 goto unstamped${slot}; r2 = 1; unstamped${slot}: ${to} = r2`
    }),
    `${skip}:`,
  ]
}

/** Fields of a packet that a program may write. */
export const set = (name: 'mark' | 'priority' | 'tcIndex', value: number): string =>
  `r1 = ${value}; *(u32 *)(r6 + ${{ mark: 8, priority: 32, tcIndex: 44 }[name]}) = r1`

export const stamp = (ns: number): string => `r1 = ${ns}; *(u64 *)(r6 + 152) = r1`

/** Where frames carry how often they may still be sent on: packets that programs send in circles must end. */
export const LIVES_AT = 41

/** Takes a life from the packet; drops it if it has none. */
export const LIVE = [
  `r2 = *(u32 *)(r6 + 76); r3 = *(u32 *)(r6 + 80); r4 = r2; r4 += ${LIVES_AT + 1}; if r4 > r3 goto dead`,
  `r4 = *(u8 *)(r2 + ${LIVES_AT}); if r4 == 0 goto dead; r4 += -1; *(u8 *)(r2 + ${LIVES_AT}) = r4; goto alive`,
  'dead: r0 = 2; exit',
  'alive:',
]

export const redirect = (helper: 'redirect' | 'redirect_peer', device: string, flags: number): string =>
  `r1 = ${ifindexOf(device)}; r2 = ${flags}; call ${helper}`

export const cloneRedirect = (device: string, flags: number): string =>
  `r1 = r6; r2 = ${ifindexOf(device)}; r3 = ${flags}; call clone_redirect`

export const answer = (verdict: number): string => `r0 = ${verdict}; exit`
