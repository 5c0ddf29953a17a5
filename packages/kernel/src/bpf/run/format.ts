import { errno } from '@netkit/netlink'

/** What a conversion can read: texts and addresses that arguments point at. */
export interface FormatMemory {
  readonly u8: Uint8Array
  readonly view: DataView
}

/** `%`, flags, width, length, conversion. */
const CONVERSION = /^%([0+\- #]*)(\d*)(?:(ll?)?([diuxX])|(c)|(s)|(p(?:[iI][46]|[Kx]|[sS]|B|[ku]s)?))(?![\da-zA-Z])/
const INTEGER = /^%([0+\- #]*)(\d*)(ll?)?([diuxX])/
/** Text goes on behind a number or a character, but not behind a pointer. */
const CHARACTER = /^%([0+\- #]*)(\d*)(c)/

/** A conversion as it stands in a format. */
interface Conversion {
  readonly length: number
  readonly flags: string
  readonly width: number
  readonly wide: boolean
  readonly what: string
}

function conversionAt(format: string, at: number): Conversion | undefined {
  const rest = format.slice(at, at + 32)
  const simple = INTEGER.exec(rest) ?? CHARACTER.exec(rest)
  const [whole, flags, width, ...parts] = simple ?? CONVERSION.exec(rest) ?? []
  if (whole === undefined) return undefined
  const [size, kind] = simple && parts.length === 2 ? parts : ['', parts.filter(Boolean).at(-1) ?? '']
  return { length: whole.length, flags, width: Number(width), wide: size === 'l' || size === 'll', what: kind }
}

/**
 * Puts arguments into a format, as bpf_trace_printk and its kin do; EINVAL for formats that they refuse. The format ends at its NUL.
 * Source: spec 02 §3.6.
 */
export function format(memory: FormatMemory, bytes: Uint8Array, args: readonly bigint[]): string | number {
  const end = bytes.indexOf(0)
  if (end < 0) return -errno.EINVAL
  const text = String.fromCharCode(...bytes.subarray(0, end))
  let out = ''
  let next = 0
  for (let at = 0; at < text.length; ) {
    const char = text[at]
    if (char !== '%') {
      if (isControl(char)) return -errno.EINVAL
      out += char
      at++
      continue
    }
    if (text[at + 1] === '%') {
      out += '%'
      at += 2
      continue
    }
    const conversion = conversionAt(text, at)
    if (!conversion || next >= args.length) return -errno.EINVAL
    out += convert(memory, conversion, args[next++])
    at += conversion.length
  }
  return out
}

const isControl = (char: string): boolean => (char < ' ' && !'\t\n\v\f\r'.includes(char)) || char === '\x7f'

function convert(memory: FormatMemory, conversion: Conversion, arg: bigint): string {
  const { what, wide } = conversion
  const bits = wide ? 64 : 32
  switch (what) {
    case 'd':
    case 'i':
      return padNumber(conversion, BigInt.asIntN(bits, arg))
    case 'u':
      return padNumber(conversion, BigInt.asUintN(bits, arg))
    case 'x':
    case 'X':
      return padHex(conversion, BigInt.asUintN(bits, arg))
    case 'c':
      return pad(conversion, String.fromCharCode(Number(arg & 0xffn)))
    case 's':
    case 'pks':
    case 'pus':
      return pad(conversion, textAt(memory, arg))
    case 'pi4':
    case 'pI4':
    case 'pi6':
    case 'pI6':
      return pad(conversion, addressAt(memory, arg, what))
    case 'ps':
    case 'pS':
    case 'pB':
      return pad(conversion, `0x${arg.toString(16)}`)
    default:
      return pad(conversion, arg.toString(16).padStart(16, '0'))
  }
}

function pad({ flags, width }: Conversion, text: string): string {
  return flags.includes('-') ? text.padEnd(width) : text.padStart(width)
}

function padNumber(conversion: Conversion, value: bigint): string {
  const { flags, width } = conversion
  const digits = (value < 0n ? -value : value).toString()
  const sign = value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  if (!flags.includes('0') || flags.includes('-')) return pad(conversion, sign + digits)
  return sign + digits.padStart(width - sign.length, '0')
}

function padHex(conversion: Conversion, value: bigint): string {
  const { flags, width, what } = conversion
  const digits = what === 'X' ? value.toString(16).toUpperCase() : value.toString(16)
  const prefix = flags.includes('#') && value !== 0n ? `0${what}` : ''
  if (!flags.includes('0') || flags.includes('-')) return pad(conversion, prefix + digits)
  return prefix + digits.padStart(width - prefix.length, '0')
}

/** Whether so many bytes can be read there. Nothing lies in the first page. */
const isThere = ({ u8 }: FormatMemory, at: bigint, bytes: number): boolean =>
  at >= 4096n && at + BigInt(bytes) <= BigInt(u8.length)

const MOST_TEXT = 512

function textAt(memory: FormatMemory, at: bigint): string {
  if (!isThere(memory, at, 1)) return ''
  const bytes = memory.u8.subarray(Number(at), Number(at) + MOST_TEXT)
  const end = bytes.indexOf(0)
  return String.fromCharCode(...bytes.subarray(0, end < 0 ? MOST_TEXT - 1 : end))
}

/** An IP address: with dots or colons, or (`i`) in full width. */
function addressAt(memory: FormatMemory, at: bigint, what: string): string {
  const size = what.endsWith('4') ? 4 : 16
  const bytes = isThere(memory, at, size) ? memory.u8.subarray(Number(at), Number(at) + size) : new Uint8Array(size)
  if (size === 4) return [...bytes].map((byte) => (what[1] === 'i' ? `${byte}`.padStart(3, '0') : `${byte}`)).join('.')
  const words = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] << 8) | bytes[2 * i + 1]).toString(16).padStart(4, '0'),
  )
  return words.join(what[1] === 'i' ? '' : ':')
}
