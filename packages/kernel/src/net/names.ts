import { errno } from '@netkit/netlink'
import type { Device } from './device.ts'

const MAX_UNIT = 32767
/** Templates that are remembered. */
const MAX_TEMPLATES = 64

interface Template {
  readonly prefix: string
  readonly suffix: string
  /** No unit below this one is free. */
  low: number
}

/** Why a name cannot be had, or the name. */
export type NameResult = { readonly name: string } | { readonly error: number }

// biome-ignore lint/suspicious/noControlCharactersInRegex: every kind of white space that C knows
const BAD = /[/:\x09-\x0d\x20\xa0]/

/** Whether a name may be given to a device: 1 to 15 bytes, no `/`, `:` or white space, not `.` or `..`. */
export function isValidName(name: string): boolean {
  return name.length > 0 && name.length <= 15 && name !== '.' && name !== '..' && !BAD.test(name)
}

/** Names that IP keeps for itself in its settings: no device is registered under them. */
export const isReservedName = (name: string): boolean => name === 'all' || name === 'default'

/** Names and alternative names of the devices of a namespace; each belongs to one device. */
export class NameTable {
  readonly #devices = new Map<string, Device>()
  readonly #templates = new Map<string, Template>()

  /** How many names there are. */
  get size(): number {
    return this.#devices.size
  }

  get(name: string): Device | undefined {
    return this.#devices.get(name)
  }

  has(name: string): boolean {
    return this.#devices.has(name)
  }

  add(name: string, dev: Device): void {
    this.#devices.set(name, dev)
  }

  delete(name: string): void {
    if (!this.#devices.delete(name)) return
    for (const t of this.#templates.values()) {
      if (!name.startsWith(t.prefix) || !name.endsWith(t.suffix)) continue
      const digits = name.slice(t.prefix.length, name.length - t.suffix.length)
      if (/^(0|[1-9]\d*)$/.test(digits) && Number(digits) < t.low) t.low = Number(digits)
    }
  }

  /**
   * The name that `wanted` stands for: itself, if it is free, or with its `%d` replaced by the lowest free number. Where a
   * digit follows the `%d` it is 0, free or not.
   */
  resolve(wanted: string, own?: Device): NameResult {
    if (!isValidName(wanted)) return { error: -errno.EINVAL }
    const percent = wanted.indexOf('%')
    if (percent >= 0) {
      if (wanted[percent + 1] !== 'd' || wanted.indexOf('%', percent + 1) >= 0) return { error: -errno.EINVAL }
      return this.#unit(wanted.slice(0, percent), wanted.slice(percent + 2))
    }
    const holder = this.#devices.get(wanted)
    return holder !== undefined && holder !== own ? { error: -errno.EEXIST } : { name: wanted }
  }

  #unit(prefix: string, suffix: string): NameResult {
    // Numbers in use are read off names as far as there are digits: where others follow, none is ever recognised.
    if (/^\d/.test(suffix)) return { name: `${prefix}0${suffix}`.slice(0, 15) }
    const key = `${prefix}%d${suffix}`
    let template = this.#templates.get(key)
    if (!template) {
      // Only hints where to look first: clients may come up with ever new ones.
      if (this.#templates.size >= MAX_TEMPLATES) this.#templates.clear()
      template = { prefix, suffix, low: 0 }
      this.#templates.set(key, template)
    }
    for (let n = template.low; n <= MAX_UNIT; n++) {
      const name = `${prefix}${n}${suffix}`.slice(0, 15)
      if (!this.#devices.has(name)) {
        template.low = n
        return { name }
      }
    }
    template.low = MAX_UNIT + 1
    return { error: -errno.ENFILE }
  }
}
