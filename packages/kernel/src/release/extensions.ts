/** What the kernel can do beyond Linux, once it is asked to: nothing of it is there otherwise. */
export const EXTENSIONS = ['netkit-xdp'] as const
export type Extension = (typeof EXTENSIONS)[number]

const isExtension = (name: string): name is Extension => (EXTENSIONS as readonly string[]).includes(name)

/** Throws RangeError for a name that none has. */
export function readExtensions(names: readonly string[]): ReadonlySet<Extension> {
  const unknown = names.find((name) => !isExtension(name))
  if (unknown !== undefined) throw new RangeError(`no extension '${unknown}': there is ${EXTENSIONS.join(', ')}`)
  return new Set(names.filter(isExtension))
}
