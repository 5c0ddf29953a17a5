import { type Reg, typeName } from './reg.ts'
import { isKnown, type Scalar } from './scalar.ts'
import { U64_MAX } from './tnum.ts'

const S64_MIN = -(1n << 63n)
const S64_MAX = (1n << 63n) - 1n

/** Known bits of a number and which are not known. */
export const bitsText = ({ bits }: Scalar): string => `(0x${bits.value.toString(16)}; 0x${bits.mask.toString(16)})`
export const varOff = (s: Scalar): string => `var_off=${bitsText(s)}`

/** What is known of a number, in the manner of the kernel's log; empty if nothing is. */
function describeScalar(s: Scalar): string {
  const said: string[] = []
  const say = (name: string, value: bigint, otherwise: bigint) => {
    if (value !== otherwise) said.push(`${name}=${hex(value)}`)
  }
  say('smin', s.smin, S64_MIN)
  say('smax', s.smax, S64_MAX)
  say('umin', s.umin, 0n)
  say('umax', s.umax, U64_MAX)
  if (s.bits.mask !== U64_MAX) said.push(varOff(s))
  return said.join(',')
}

const hex = (n: bigint): string =>
  n < 0x10000n && n > -0x10000n ? `${n}` : n < 0n ? `-0x${(-n).toString(16)}` : `0x${n.toString(16)}`

/** A register as the log shows it: `R2=pkt(r=14)`; empty if nothing is in it. */
export function describeReg(reg: Reg, r: number): string {
  if (reg.type === '?') return ''
  if (reg.type === 'scalar') {
    if (isKnown(reg.scalar)) return `R${r}=${hex(reg.scalar.smin)}`
    return `R${r}=scalar(${[reg.id ? `id=${reg.id}` : '', describeScalar(reg.scalar)].filter(Boolean).join(',')})`
  }
  const facts = [
    reg.id ? `id=${reg.id}` : '',
    reg.ref ? `ref_obj_id=${reg.ref}` : '',
    reg.off && reg.type !== 'fp' ? `off=${reg.off}` : '',
    reg.type === 'pkt' || reg.type === 'pkt_meta' ? `r=${reg.range}` : '',
    reg.map ? `ks=${reg.map.keySize},vs=${reg.map.valueSize}` : '',
    reg.size ? `sz=${reg.size}` : '',
    isKnown(reg.scalar) ? '' : describeScalar(reg.scalar),
  ]
  const name = reg.type === 'fp' ? `fp${reg.off || '0'}` : typeName(reg)
  return `R${r}=${name}(${facts.filter(Boolean).join(',')})`.replace('()', reg.type === 'fp' ? '' : '()')
}
