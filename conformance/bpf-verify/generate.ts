import type { Chance } from '@netkit/netlink/testing'
import type { VerifyCase } from './cases.ts'

/** Maps of generated programs, as a case's file has them. */
export const GENERATED_MAPS = 'array:4:64:4 hash:8:32:8 ringbuf:0:0:4096 percpu_array:4:16:2'

/** Registers that programs keep numbers in; r6 is the context. */
const NUMBERS = ['r7', 'r8', 'r9'] as const
const WIDTHS = [8, 16, 32, 64] as const
const IMMEDIATES = [
  0, 1, -1, 2, 3, 4, 7, 8, 15, 16, 31, 63, 64, 100, 255, 256, 4096, 65535, 0x7fffffff, -0x80000000, -8,
]
const OPERATORS = ['+', '-', '*', '&', '|', '^', '<<', '>>', 's>>', '/', '%']
const CONDITIONS = ['==', '!=', '>', '>=', '<', '<=', 's>', 's>=', 's<', 's<=', '&']
const MASKS = [1, 3, 7, 15, 31, 63, 127]

/** Writes programs that are nearly right: one thing in a few is forgotten or a little off. */
class Writer {
  readonly #chance: Chance
  readonly lines: string[] = []
  #labels = 0
  /** Programs of XDP have other contexts. */
  readonly #isXdp: boolean
  readonly #functions: string[][] = []

  constructor(chance: Chance, isXdp: boolean) {
    this.#chance = chance
    this.#isXdp = isXdp
  }

  program(): string {
    this.say('r6 = r1')
    for (const r of NUMBERS) this.#fresh(r)
    const count = 2 + this.#chance.below(6)
    for (let i = 0; i < count; i++) this.#statement(2)
    if (!this.#slip(30)) this.say(this.#chance.odds(1, 2) ? 'r0 = 0' : `r0 = ${this.#chance.pick(NUMBERS)}`)
    this.say('exit')
    return [...this.lines, ...this.#functions.flat()].join('\n')
  }

  say(...lines: string[]): void {
    this.lines.push(...lines.map((line) => line.replace('+ -', '-')))
  }

  #label(): string {
    return `l${this.#labels++}`
  }

  /** Once in so many times something is forgotten. */
  #slip(of = 12): boolean {
    return this.#chance.odds(1, of)
  }

  #number(): string {
    return this.#chance.pick(NUMBERS)
  }

  #immediate(): number {
    return this.#chance.pick(IMMEDIATES)
  }

  /** Something new in a register. */
  #fresh(r: string): void {
    const chance = this.#chance
    const field = this.#isXdp ? chance.pick([12, 16]) : chance.pick([0, 4, 8, 16, 40, 48, 60])
    if (chance.odds(1, 3)) this.say(`${r} = ${this.#immediate()}`)
    else if (chance.odds(1, 2)) this.say(`${r} = *(u32 *)(r6 + ${field})`)
    else this.say('call get_prandom_u32', `${r} = r0`)
  }

  #statement(depth: number): void {
    const kinds = [this.#alu, this.#alu, this.#alu, this.#stack, this.#stack, this.#packet, this.#map, this.#helper]
    const nested = [this.#branch, this.#branch, this.#loop, this.#mayGoto, this.#function]
    this.#chance.pick(depth > 0 ? [...kinds, ...nested] : kinds).call(this, depth)
  }

  #some(depth: number): void {
    for (let i = 1 + this.#chance.below(3); i > 0; i--) this.#statement(depth - 1)
  }

  #alu(): void {
    const chance = this.#chance
    const w = chance.odds(1, 3) ? 'w' : 'r'
    const dst = this.#number().replace('r', w)
    const src = this.#number().replace('r', w)
    const operator = chance.pick(OPERATORS)
    const whole = dst.replace('w', 'r')
    const shifts = operator.endsWith('<<') || operator.endsWith('>>')
    const rare = [
      `${dst} = ${src}`,
      `${dst} = ${src}`,
      `${dst} = (s${chance.pick([8, 16])})${src}`,
      `${dst} = -${dst}`,
      `${whole} = ${chance.pick(['be16', 'le32', 'bswap64'])} ${whole}`,
    ]
    if (chance.odds(1, 4)) this.say(chance.pick(rare))
    else if (chance.odds(1, 3)) this.say(`${dst} ${operator}= ${src}`)
    else this.say(`${dst} ${operator}= ${shifts ? chance.below(w === 'w' ? 32 : 64) : this.#immediate() || 1}`)
  }

  #test(label: string): void {
    const chance = this.#chance
    const w = chance.odds(1, 3) ? 'w' : 'r'
    const a = this.#number().replace('r', w)
    // Not itself: there 6.18 and 7.3 differ.
    const others = NUMBERS.filter((r) => r.slice(1) !== a.slice(1))
    const b = chance.odds(1, 4) ? chance.pick(others).replace('r', w) : this.#immediate()
    this.say(`if ${a} ${chance.pick(CONDITIONS)} ${b} goto ${label}`)
  }

  #branch(depth: number): void {
    const [other, end] = [this.#label(), this.#label()]
    this.#test(other)
    this.#some(depth)
    this.say(`goto ${end}`, `${other}:`)
    if (this.#chance.odds(2, 3)) this.#some(depth)
    this.say(`${end}:`, 'r0 = 0')
  }

  #loop(depth: number): void {
    const chance = this.#chance
    const r = this.#number()
    const again = this.#label()
    this.say(`${r} = 0`, `${again}:`)
    this.#some(Math.min(depth, 1))
    this.say(
      `${r} += ${chance.pick([1, 1, 2, 3])}`,
      `if ${r} ${chance.pick(['<', '<', '!=', 's<'])} ${1 + chance.below(24)} goto ${again}`,
    )
  }

  #mayGoto(depth: number): void {
    const [again, out] = [this.#label(), this.#label()]
    this.say(`${again}:`, `may_goto ${out}`)
    this.#some(Math.min(depth, 1))
    if (this.#chance.odds(1, 2)) this.#test(out)
    this.say(`goto ${again}`, `${out}:`)
  }

  /** A static function of a number and the context. */
  #function(): void {
    const chance = this.#chance
    const name = this.#label()
    this.say(`r1 = ${this.#number()}`, 'r2 = r6', `call ${name}`)
    if (!this.#slip()) this.say(`${this.#number()} = r0`)
    const body = new Writer(chance, this.#isXdp)
    body.#labels = this.#labels + 100
    body.say('r6 = r2', 'r7 = r1', 'r8 = 1', 'r9 = r7')
    for (let i = 1 + chance.below(3); i > 0; i--) body.#statement(1)
    body.say(this.#slip() ? 'r1 = r7' : 'r0 = r7', 'exit')
    this.#labels = body.#labels
    this.#functions.push([`${name}:`, ...body.lines], ...body.#functions)
  }

  /** An offset of the stack where so many bytes may lie. */
  #place(bytes: number): number {
    const off = -8 * (1 + this.#chance.below(6)) + (this.#chance.odds(1, 3) ? bytes * this.#chance.below(8 / bytes) : 0)
    return this.#slip(40) ? off + 3 : off
  }

  #stack(): void {
    const chance = this.#chance
    const bits = chance.pick(WIDTHS)
    const at = this.#place(bits / 8)
    const value = chance.pick([...NUMBERS, ...NUMBERS, 'r6', 'r10', '0', '7'])
    if (chance.odds(1, 6)) {
      const r = this.#number()
      this.say(
        `r1 = ${r}`,
        `r1 &= ${chance.pick(MASKS)}`,
        'r2 = r10',
        `r2 += -${chance.pick([16, 32, 64])}`,
        'r2 += r1',
      )
      this.say(chance.odds(1, 2) ? `*(u8 *)(r2 + 0) = ${r}` : `${r} = *(u8 *)(r2 + 0)`)
      return
    }
    if (chance.odds(1, 2))
      this.say(`*(u${value === 'r6' || value === 'r10' ? 64 : bits} *)(r10 + ${this.#place(8)}) = ${value}`)
    else this.say(`${this.#number()} = *(u${bits} *)(r10 + ${at})`)
    if (this.#slip(20)) this.say(`r1 = *(u64 *)(r10 + ${this.#place(8)})`, `${this.#number()} = *(u8 *)(r1 + 0)`)
  }

  #packet(): void {
    const chance = this.#chance
    const [data, end] = this.#isXdp ? [0, 4] : [76, 80]
    const out = this.#label()
    const bytes = 1 + chance.below(40)
    this.say(`r2 = *(u32 *)(r6 + ${data})`, `r3 = *(u32 *)(r6 + ${end})`)
    if (chance.odds(1, 2)) {
      const r = this.#number()
      this.say(
        `r4 = ${r}`,
        ...(this.#slip() ? [] : [`r4 &= ${chance.pick([...MASKS, 65535, 0x7fffffff])}`]),
        'r2 += r4',
      )
    }
    this.say('r5 = r2', `r5 += ${bytes}`)
    const test = chance.pick(['r5 >', 'r5 >', 'r5 >', 'r5 >='])
    if (!this.#slip()) this.say(chance.odds(1, 4) ? `if r3 < r5 goto ${out}` : `if ${test} r3 goto ${out}`)
    const bits = chance.pick(WIDTHS)
    const off = chance.below(bytes + 1) - (this.#slip(4) ? 0 : bits / 8)
    const place = `*(u${bits} *)(r2 + ${off < 0 && chance.odds(9, 10) ? 0 : off})`
    this.say(chance.odds(2, 3) ? `${this.#number()} = ${place}` : `${place} = ${this.#number()}`, `${out}:`, 'r0 = 0')
  }

  #map(): void {
    const chance = this.#chance
    const [map, key, size] = chance.pick([
      [0, 4, 64],
      [1, 8, 32],
      [3, 4, 16],
    ])
    const out = this.#label()
    const at = -8 * (1 + chance.below(3))
    const keyValue = chance.odds(1, 2) ? this.#number() : chance.pick(['0', '1', '3', '4', '9'])
    if (!this.#slip()) this.say(`*(u${key * 8} *)(r10 + ${at}) = ${keyValue}`)
    this.say('r2 = r10', `r2 += ${at}`, `r1 = map[idx:${map}]`, 'call map_lookup_elem')
    if (!this.#slip(6)) this.say(`if r0 ${chance.odds(9, 10) ? '==' : '!='} 0 goto ${out}`)
    if (chance.odds(1, 2)) {
      const r = this.#number()
      this.say(`r1 = ${r}`)
      if (!this.#slip())
        this.say(chance.odds(1, 2) ? `r1 &= ${chance.pick(MASKS)}` : `if r1 > ${chance.below(size)} goto ${out}`)
      this.say('r0 += r1')
    }
    const bits = chance.pick(WIDTHS)
    const off = chance.below(size - bits / 8 + 1 + (this.#slip(5) ? 8 : 0))
    const place = `*(u${bits} *)(r0 + ${off})`
    if (chance.odds(1, 6)) this.say(`lock *(u64 *)(r0 + 8) += ${this.#number()}`)
    else this.say(chance.odds(1, 2) ? `${this.#number()} = ${place}` : `${place} = ${this.#number()}`)
    this.say(`${out}:`, 'r0 = 0')
  }

  #helper(): void {
    const chance = this.#chance
    switch (chance.below(5)) {
      case 0: {
        // Bytes of the packet onto the stack; how many may depend.
        const most = chance.pick([7, 15, 31])
        const size = chance.odds(1, 2) ? [`r4 = ${1 + chance.below(40)}`] : [`r4 = ${this.#number()}`, `r4 &= ${most}`]
        if (chance.odds(1, 2)) size.push('r4 += 1')
        this.say(
          'r1 = r6',
          ...(this.#isXdp ? ['r2 = 0'] : [`r2 = ${this.#number()}`]),
          'r3 = r10',
          `r3 += -${chance.pick([16, 32, 40])}`,
          ...size,
        )
        this.say(this.#isXdp ? 'call xdp_load_bytes' : 'call skb_load_bytes')
        return
      }
      case 1: {
        const out = this.#label()
        this.say('r1 = map[idx:2]', 'r2 = 16', 'r3 = 0', 'call ringbuf_reserve')
        if (!this.#slip()) this.say(`if r0 == 0 goto ${out}`)
        this.say(`*(u64 *)(r0 + ${chance.pick([0, 8, 8, 12])}) = ${this.#number()}`, 'r1 = r0', 'r2 = 0')
        if (!this.#slip()) this.say(`call ringbuf_${chance.pick(['submit', 'discard'])}`)
        this.say(`${out}:`, 'r0 = 0')
        return
      }
      case 2:
        this.say(`r1 = ${this.#number()}`, 'r2 = 0', 'call redirect', `${this.#number()} = r0`)
        return
      case 3: {
        const at = -8 * (3 + chance.below(3))
        this.say(
          'r1 = r10',
          `r1 += ${at}`,
          `r2 = ${chance.pick(['8', '16', '4', this.#number()])}`,
          'r3 = 0',
          'r4 = 0',
          'r5 = 0',
          'call csum_diff',
        )
        return
      }
      default:
        this.say('call ktime_get_ns', `${this.#number()} = r0`)
    }
  }
}

/** A program that somebody could have written, of one seed. */
export function generate(chance: Chance, maps: VerifyCase['maps'], name: string): VerifyCase {
  const type = chance.odds(3, 4) ? 'schedCls' : 'xdp'
  const caps = chance.odds(1, 5) ? 'bpf' : 'all'
  return { name, type, license: 'GPL', caps, asm: new Writer(chance, type === 'xdp').program(), maps }
}
