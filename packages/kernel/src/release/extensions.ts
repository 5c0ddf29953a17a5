import { EXTENSIONS, type ExtensionName } from '@netkit/netlink'

const isExtension = (name: string): name is ExtensionName => (EXTENSIONS as readonly string[]).includes(name)

/** What a kernel is to do beyond Linux. Throws RangeError for a name that none of `EXTENSIONS` has. */
export function readExtensions(names: readonly string[]): ReadonlySet<ExtensionName> {
  const unknown = names.find((name) => !isExtension(name))
  if (unknown !== undefined) throw new RangeError(`no extension '${unknown}': there is ${EXTENSIONS.join(', ')}`)
  return new Set(names.filter(isExtension))
}
