/** What a program of a case does, one after the other. What helpers return and what the packet looks like then goes into its map. */
export type Op = readonly [name: string, ...args: readonly Arg[]]
/**
 * A number; `ctx`; bytes on the stack that are read; so many bytes of the map that are written to; 4 bytes of the map that are read and
 * written.
 */
export type Arg =
  | number
  | 'ctx'
  | { readonly bytes: string }
  | { readonly out: number }
  | { readonly wide: string }
  | { readonly inOut: number }

/** Bytes of the map's value: results of 8 bytes each, then the packet after each operation, then what helpers wrote. */
export const VALUE_BYTES = 1024
const STATES = 64
const STATE_BYTES = 40
const FINAL = STATES + 8 * STATE_BYTES
const OUT = FINAL + 48
export const MOST_OPS = 8

/** Fields of the context that are noted after each operation, by offset. */
const NOTED = [0, 16, 20, 24, 28, 4, 176, 164]
/** And at the end. */
const NOTED_LAST = [8, 12, 32, 44, 68, 72, 160, 36, 40, 84]

/**
 * The assembly of a program with these operations. Besides helpers there are `read` and `write` (offset, bytes) through packet pointers
 * and `set` (offset, size, value) of fields of the context.
 */
export function assemblyOf(ops: readonly Op[], verdict: number, map: number | string = 0): string {
  let out = OUT
  const lines = [
    'r6 = r1',
    'r1 = 0',
    '*(u32 *)(r10 - 4) = r1',
    'r2 = r10',
    'r2 += -4',
    `r1 = map[fd:${map}]`,
    'call map_lookup_elem',
    'if r0 == 0 goto end',
    'r9 = r0',
  ]
  for (const [n, [name, ...args]] of ops.entries()) {
    if (name === 'read' || name === 'write') lines.push(...direct(name, n, args, name === 'read' ? out : 0))
    else if (name === 'load') lines.push(...legacyLoad(args))
    else if (name === 'set') lines.push(...setField(args))
    else lines.push(...prepare(args, out), `call ${name}`)
    lines.push(`*(u64 *)(r9 + ${8 * n}) = r0`, ...noteState(STATES + STATE_BYTES * n))
    out += args.reduce<number>((sum, arg) => sum + roomOf(arg), 0)
    if (name === 'read') out += ((args[1] as number) + 7) & -8
  }
  lines.push(...NOTED_LAST.flatMap((field, i) => note(field, FINAL + 4 * i)))
  lines.push('r1 = *(u64 *)(r6 + 152)', `*(u64 *)(r9 + ${FINAL + 40}) = r1`)
  return [...lines, 'end:', `r0 = ${verdict}`, 'exit'].join('\n')
}

/** Bytes of the map that an argument takes. */
function roomOf(arg: Arg): number {
  if (typeof arg !== 'object') return 0
  return 'inOut' in arg ? 8 : 'out' in arg ? (arg.out + 7) & -8 : 0
}

const note = (field: number, at: number): string[] => [`r1 = *(u32 *)(r6 + ${field})`, `*(u32 *)(r9 + ${at}) = r1`]

const noteState = (at: number): string[] => [
  ...NOTED.flatMap((field, i) => note(field, at + 4 * i)),
  'r1 = *(u32 *)(r6 + 80)',
  'r2 = *(u32 *)(r6 + 76)',
  'r3 = *(u32 *)(r6 + 140)',
  'r1 -= r2',
  'r2 -= r3',
  `*(u32 *)(r9 + ${at + 32}) = r1`,
  `*(u32 *)(r9 + ${at + 36}) = r2`,
]

/** Puts arguments into registers, and bytes onto the stack. */
function prepare(args: readonly Arg[], out: number): string[] {
  const lines: string[] = []
  let stack = 8
  let at = out
  for (const [i, arg] of args.entries()) {
    const r = `r${i + 1}`
    if (arg === 'ctx') lines.push(`${r} = r6`)
    else if (typeof arg === 'number') lines.push(`${r} = ${arg} ll`)
    else if ('wide' in arg) lines.push(`${r} = ${arg.wide} ll`)
    else if ('inOut' in arg) {
      lines.push(`${r} = r9`, `${r} += ${at}`, `r0 = ${arg.inOut}`, `*(u32 *)(${r} + 0) = r0`)
      at += 8
    } else if ('out' in arg) {
      lines.push(`${r} = r9`, `${r} += ${at}`)
      at += (arg.out + 7) & -8
    } else {
      const bytes = arg.bytes.match(/../g) ?? []
      stack += (bytes.length + 7) & -8
      for (const [n, byte] of bytes.entries()) lines.push(`r0 = 0x${byte}`, `*(u8 *)(r10 - ${stack - n}) = r0`)
      lines.push(`${r} = r10`, `${r} += -${stack}`)
    }
  }
  return lines
}

/** Reads or writes bytes at an offset if they are in the linear part; R0 is 1 then, else 0. */
function direct(name: string, n: number, args: readonly Arg[], out: number): string[] {
  const [offset, what] = args as [number, number | { bytes: string }]
  const bytes = typeof what === 'number' ? what : what.bytes.length / 2
  const lines = [
    'r2 = *(u32 *)(r6 + 76)',
    'r3 = *(u32 *)(r6 + 80)',
    'r0 = 0',
    'r4 = r2',
    `r4 += ${offset + bytes}`,
    `if r4 > r3 goto short${n}`,
  ]
  for (let i = 0; i < bytes; i++) {
    if (name === 'read') lines.push(`r1 = *(u8 *)(r2 + ${offset + i})`, `*(u8 *)(r9 + ${out + i}) = r1`)
    else {
      const value = (what as { bytes: string }).bytes.slice(2 * i, 2 * i + 2)
      lines.push(`r1 = 0x${value}`, `*(u8 *)(r2 + ${offset + i}) = r1`)
    }
  }
  return [...lines, 'r0 = 1', `short${n}:`]
}

/** A legacy packet load: bytes, offset, and whether the offset comes in a register. */
function legacyLoad(args: readonly Arg[]): string[] {
  const [bytes, offset, indirect] = args as number[]
  const size = `u${bytes * 8}`
  if (indirect === 0) return [`r0 = *(${size} *)skb[${offset}]`]
  return [`r7 = ${offset} ll`, `r0 = *(${size} *)skb[r7 + 0]`]
}

function setField(args: readonly Arg[]): string[] {
  const [offset, size, value] = args as number[]
  return [`r1 = ${value} ll`, `*(u${size * 8} *)(r6 + ${offset}) = r1`, 'r0 = 0']
}
