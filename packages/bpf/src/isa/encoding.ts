/** Fields of the opcode byte, as RFC 9669 section 3 and Linux's `uapi/linux/bpf.h` name them. */

export const CLASS = { LD: 0, LDX: 1, ST: 2, STX: 3, ALU: 4, JMP: 5, JMP32: 6, ALU64: 7 } as const
/** Second operand of ALU and JMP classes: K is the immediate, X the source register. */
export const SOURCE = { K: 0x00, X: 0x08 } as const
/** Access sizes of the load and store classes. */
export const SIZE = { W: 0x00, H: 0x08, B: 0x10, DW: 0x18 } as const
/** Modes of the load and store classes. */
export const MODE = { IMM: 0x00, ABS: 0x20, IND: 0x40, MEM: 0x60, MEMSX: 0x80, ATOMIC: 0xc0 } as const

/** Bytes of an instruction; LD_IMM64 takes two of them. */
export const SLOT_BYTES = 8
/** R0 to R10 can be named by any instruction. */
export const FRAME_REGISTER = 10
/** R11 exists only as the base of loads and stores that pass the sixth and later arguments. */
export const ARGUMENT_REGISTER = 11
