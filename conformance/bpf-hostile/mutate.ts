import { type Code, decode, encode, OPS } from '@netkit/bpf'
import type { Chance } from '@netkit/netlink/testing'

const OPCODES: readonly number[] = [...new Set(OPS.map(({ opcode }) => opcode))]
const EDGES: readonly number[] = [
  0, 1, -1, 7, 8, 16, 31, 32, 63, 64, 255, 256, 511, 512, 513, 4095, 65535, 0x7fffffff, -0x80000000,
]
const MOST_SLOTS = 120

/** An instruction that nobody meant. */
function randomInstruction(chance: Chance): Uint8Array {
  const bytes = chance.bytes(8)
  bytes[0] = chance.odds(19, 20) ? chance.pick(OPCODES) : bytes[0]
  bytes[1] = chance.odds(9, 10) ? chance.below(11) | (chance.below(11) << 4) : bytes[1]
  const view = new DataView(bytes.buffer)
  view.setInt16(2, chance.odds(1, 2) ? 0 : chance.below(32) - 16, true)
  view.setInt32(4, chance.odds(1, 2) ? chance.pick(EDGES) : chance.below(256) - 64, true)
  return bytes
}

type Change = (slots: Uint8Array[], at: number, chance: Chance, other: readonly Uint8Array[]) => void

const edit =
  (change: (view: DataView, chance: Chance) => void): Change =>
  (slots, at, chance) => {
    const bytes = slots[at].slice()
    change(new DataView(bytes.buffer), chance)
    slots[at] = bytes
  }

/** What is done to a program. Changes of one field come most often: they leave it nearly right. */
const CHANGES: readonly Change[] = [
  edit((view, chance) => view.setInt32(4, chance.pick(EDGES), true)),
  edit((view, chance) => view.setInt32(4, view.getInt32(4, true) + chance.below(17) - 8, true)),
  edit((view, chance) => view.setInt16(2, view.getInt16(2, true) + chance.below(33) - 16, true)),
  edit((view, chance) => view.setInt16(2, chance.pick(EDGES), true)),
  edit((view, chance) => view.setUint8(1, (view.getUint8(1) & 0xf0) | chance.below(11))),
  edit((view, chance) => view.setUint8(1, (view.getUint8(1) & 0xf) | (chance.below(11) << 4))),
  edit((view, chance) => view.setUint8(0, chance.pick(OPCODES))),
  edit((view, chance) => view.setUint8(0, view.getUint8(0) ^ (1 << chance.below(8)))),
  (slots, at, chance) => void slots.splice(at, 1, randomInstruction(chance)),
  (slots, at, chance) => void slots.splice(at, 0, randomInstruction(chance)),
  (slots, at) => void slots.splice(at, 1),
  (slots, at) => void slots.splice(at, 0, slots[at]),
  (slots, at, chance) => {
    const to = chance.below(slots.length)
    const [a, b] = [slots[at], slots[to]]
    slots[at] = b
    slots[to] = a
  },
  (slots, at, chance, other) => {
    const from = chance.below(other.length)
    slots.splice(at, 0, ...other.slice(from, from + 1 + chance.below(6)))
  },
]

const slotsOf = (code: Code): Uint8Array[] => {
  const bytes = encode(code)
  return Array.from({ length: code.length }, (_, slot) => bytes.slice(slot * 8, slot * 8 + 8))
}

/** A program with a few things changed, or one of nothing but chance. */
export function hostile(chance: Chance, from: Code, other: Code): Code {
  const slots = chance.odds(1, 50)
    ? Array.from({ length: 1 + chance.below(20) }, () => randomInstruction(chance))
    : slotsOf(from)
  const others = slotsOf(other)
  for (let changes = 1 + chance.below(3); changes > 0 && slots.length > 0; changes--) {
    chance.pick(CHANGES)(slots, chance.below(slots.length), chance, others)
  }
  const kept = slots.slice(0, MOST_SLOTS)
  const bytes = new Uint8Array(kept.length * 8)
  for (const [slot, one] of kept.entries()) bytes.set(one, slot * 8)
  return decode(bytes)
}
