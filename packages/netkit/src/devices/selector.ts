import { encodeText } from '@netkit/netlink'
import { InputError, shown } from '../input/input-error.ts'
import { checkAltname, checkWholeName } from '../input/names.ts'
import type { NamespaceTarget } from '../places/namespace.ts'

/** A device that was got from the kernel stands for itself, wherever it lives. */
export interface KnownDevice {
  readonly ifindex: number
  readonly name: string
  /** The namespace that it was found in; absent: the client's own. */
  readonly namespace: NamespaceTarget | undefined
}

/** Which device: by name or alternative name, by ifindex, or one that was got before. */
export type DeviceSelector =
  | string
  | number
  | { readonly ifindex: number }
  | { readonly name: string }
  | { readonly altname: string }
  | KnownDevice

/** How a request names its device. */
export interface Selected {
  readonly ifindex: number
  readonly attrs: { readonly ifname?: string; readonly altIfname?: string }
}

const NAME_BYTES = 15

/** Turns a selector into what is sent. Refuses what cannot name a device. */
export function select(op: string, option: string, selector: DeviceSelector): Selected {
  if (typeof selector === 'number') return byIndex(op, option, selector)
  if (typeof selector === 'string') return byName(op, option, selector)
  if (typeof selector === 'object' && selector !== null) {
    if ('ifindex' in selector) return byIndex(op, option, selector.ifindex)
    if ('name' in selector) {
      checkWholeName(op, `${option}.name`, selector.name)
      return { ifindex: 0, attrs: { ifname: selector.name } }
    }
    if ('altname' in selector) {
      checkAltname(op, `${option}.altname`, selector.altname)
      return { ifindex: 0, attrs: { altIfname: selector.altname } }
    }
  }
  throw new InputError(op, option, `must be a name, an ifindex or a device, not ${shown(selector)}`)
}

/** The namespace of a request: the one that is asked for, else the one in which the device was found. */
export const placeOf = (selector: DeviceSelector, wanted: NamespaceTarget | undefined): NamespaceTarget | undefined =>
  wanted ??
  (typeof selector === 'object' && selector !== null && 'namespace' in selector ? selector.namespace : undefined)

/** How the device is called in messages. */
export const deviceText = (selector: DeviceSelector): string => {
  if (typeof selector === 'string') return selector
  if (typeof selector === 'number') return `#${selector}`
  if (typeof selector !== 'object' || selector === null) return '?'
  if ('name' in selector) return selector.name
  return 'altname' in selector ? selector.altname : `#${selector.ifindex}`
}

function byIndex(op: string, option: string, ifindex: number): Selected {
  if (Number.isInteger(ifindex) && ifindex > 0 && ifindex <= 0x7fff_ffff) return { ifindex, attrs: {} }
  throw new InputError(op, option, `must be an ifindex from 1 to 2147483647, not ${shown(ifindex)}`)
}

/** The kernel looks for a name among names and alternative names alike, but only the latter may be long. */
function byName(op: string, option: string, name: string): Selected {
  if (encodeText(name).length > NAME_BYTES) {
    checkAltname(op, option, name)
    return { ifindex: 0, attrs: { altIfname: name } }
  }
  if (name === '') throw new InputError(op, option, 'must not be empty')
  return { ifindex: 0, attrs: { ifname: name } }
}
