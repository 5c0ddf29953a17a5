import type { Address } from 'netkit'
import type { Entry } from '../entry.ts'
import type { Json } from '../json.ts'
import { printable } from '../printable.ts'
import type { Style } from '../style.ts'

/** As iproute2 calls what a kernel says in numbers. */
export const scopeText = (scope: Address['scope']): string => (scope === 'universe' ? 'global' : String(scope))

const PROTOCOLS: Readonly<Record<string, string>> = {
  'kernel-lo': 'kernel_lo',
  'kernel-ra': 'kernel_ra',
  'kernel-ll': 'kernel_ll',
}
/** A maker that has no name is told in hexadecimal. */
const protoText = (proto: string | number): string =>
  PROTOCOLS[String(proto)] ?? (typeof proto === 'number' ? `0x${proto.toString(16).padStart(2, '0')}` : proto)
const lasts = (seconds: number | undefined): string => (seconds === undefined ? 'forever' : `${seconds}sec`)
const FOREVER = 0xffff_ffff

/** Flags as words: what does not stay is dynamic. */
function flagWords(a: Address): string[] {
  const said = a.flags.filter((flag) => flag !== 'permanent').map(String)
  return a.flags.includes('permanent') ? said : [...said, 'dynamic']
}

function json(a: Address): Record<string, Json> {
  const proto = a.attrs.proto
  return {
    family: a.family,
    local: a.address,
    ...(a.peer === undefined ? {} : { address: a.peer }),
    prefixlen: a.prefixLength,
    ...(a.metric === undefined ? {} : { metric: a.metric }),
    ...(a.broadcast === undefined ? {} : { broadcast: a.broadcast }),
    scope: scopeText(a.scope),
    ...Object.fromEntries(flagWords(a).map((flag) => [flag, true])),
    ...(proto === undefined ? {} : { protocol: protoText(proto) }),
    ...(a.label === undefined ? {} : { label: a.label }),
    valid_life_time: a.validLifetime ?? FOREVER,
    preferred_life_time: a.preferredLifetime ?? FOREVER,
  }
}

/** Adds the addresses of a device to its entry, as `ip addr` prints them, and as `ip -j addr` does. */
export function addAddresses(entry: Entry, addresses: readonly Address[], style: Style): void {
  const text = addresses.map((a) => {
    const proto = a.attrs.proto
    const words = [
      `    ${a.family}`,
      a.peer === undefined ? style.address(`${a.address}/${a.prefixLength}`) : style.address(a.address),
      a.peer === undefined ? '' : `peer ${style.address(`${a.peer}/${a.prefixLength}`)}`,
      a.metric === undefined ? '' : `metric ${a.metric}`,
      a.broadcast === undefined ? '' : `brd ${style.address(a.broadcast)}`,
      `scope ${scopeText(a.scope)}`,
      ...flagWords(a),
      proto === undefined ? '' : `proto ${protoText(proto)}`,
      a.label === undefined ? '' : printable(a.label),
    ].filter(Boolean)
    return `\n${words.join(' ')}\n       valid_lft ${lasts(a.validLifetime)} preferred_lft ${lasts(a.preferredLifetime)}`
  })
  entry.add('addr_info', addresses.map(json), text.join(''))
}
