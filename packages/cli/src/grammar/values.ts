import { fromHex } from '@netkit/netlink'
import type { Source, Value } from './value.ts'

/** A whole number, decimal or with 0x. */
export const integer = (name: string, min: number, max: number): Value<number> => ({
  name,
  allowed: `a number from ${min} to ${max}`,
  parse(word) {
    if (!/^-?(\d{1,16}|0x[0-9a-f]{1,13})$/i.test(word)) return undefined
    const n = word.startsWith('-') ? -Number(word.slice(1)) : Number(word)
    return n >= min && n <= max ? n : undefined
  },
})

/** A time in seconds, with a fraction. */
export const seconds = (name: string, most: number): Value<number> => ({
  name,
  allowed: `a number of seconds up to ${most}, such as 0.2`,
  parse(word) {
    const n = /^(\d{1,9}|\d{0,9}\.\d{1,9})$/.test(word) ? Number(word) : Number.NaN
    return n <= most ? n : undefined
  },
})

export const u32 = (name: string): Value<number> => integer(name, 0, 0xffff_ffff)

/** One of some words, each with what it stands for. */
export const choice = <const T>(values: Readonly<Record<string, T>>, name?: string): Value<T> => {
  const choices = Object.keys(values)
  return {
    name: name ?? `{ ${choices.join(' | ')} }`,
    allowed: choices.length === 1 ? choices[0] : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`,
    choices,
    source: choices,
    parse: (word) => (Object.hasOwn(values, word) ? values[word] : undefined),
  }
}

export const words = <const W extends string>(list: readonly W[], name?: string): Value<W> =>
  choice(Object.fromEntries(list.map((w) => [w, w])) as Record<W, W>, name)

export const onOff: Value<boolean> = choice({ on: true, off: false })

/** Any word. */
export const text = (name: string, source?: Source): Value<string> => ({
  name,
  allowed: 'text',
  source,
  parse: (word) => word,
})

/** A word that is not empty and has no blank in it. */
export const token = (name: string, source?: Source): Value<string> => ({
  name,
  allowed: 'a word without blanks',
  source,
  parse: (word) => (/^\S+$/.test(word) ? word : undefined),
})

/** A name that a device can have, or by which one is found: alternative names are longer. */
export const deviceName = (name = 'DEV', longest = 127): Value<string> => ({
  name,
  allowed: `a device name: 1 to ${longest} bytes, no blanks, '/' or ':'`,
  source: 'device',
  parse(word) {
    if (word === '' || word === '.' || word === '..' || /[\s/:]/.test(word)) return undefined
    return new TextEncoder().encode(word).length <= longest ? word : undefined
  },
})

/** The name of a device to be: `%d` in it is replaced by a number. */
export const newName = (name = 'NAME'): Value<string> => ({ ...deviceName(name, 15), source: undefined })

/** A hardware address: pairs of hexadecimal digits with colons between. */
export const address = (name = 'LLADDR'): Value<string> => ({
  name,
  allowed: 'a hardware address such as 02:00:00:00:00:01',
  parse(word) {
    if (!/^[0-9a-f]{1,2}([:-][0-9a-f]{1,2}){1,31}$/i.test(word)) return undefined
    const full = word.split(/[:-]/).map((byte) => byte.padStart(2, '0'))
    return [...fromHex(full.join(''))].map((byte) => byte.toString(16).padStart(2, '0')).join(':')
  },
})

/** The kernels that commands can talk to. */
export const KERNEL_NAMES = ['embedded', 'linux'] as const
export type KernelName = (typeof KERNEL_NAMES)[number]

export const kernelName: Value<KernelName> = words(KERNEL_NAMES)

/** A network namespace: its name, or the pid of a process that lives in it. */
export type NamespaceWord = { readonly name: string } | { readonly pid: number }

export const namespace = (name = '{ NAME | PID }'): Value<NamespaceWord> => ({
  name,
  allowed: 'a namespace name or a pid',
  source: 'namespace',
  parse(word) {
    if (/^\d{1,10}$/.test(word) && Number(word) <= 0x7fff_ffff) return { pid: Number(word) }
    return isNamespaceName(word) ? { name: word } : undefined
  },
})

const isNamespaceName = (word: string): boolean =>
  word !== '' && word !== '.' && word !== '..' && !word.includes('/') && new TextEncoder().encode(word).length <= 255

export const namespaceName = (name = 'NAME', source: Source | undefined = 'namespace'): Value<string> => ({
  name,
  allowed: "a name of 1 to 255 bytes without '/'",
  source,
  parse: (word) => (isNamespaceName(word) ? word : undefined),
})

export const file = (name = 'FILE'): Value<string> => ({
  name,
  allowed: 'a path',
  source: 'file',
  parse: (word) => (word === '' ? undefined : word),
})
