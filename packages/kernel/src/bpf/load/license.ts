/** Licences that the kernel takes as compatible with its own. Source: spec 02 §3.1. */
const COMPATIBLE: ReadonlySet<string> = new Set([
  'GPL',
  'GPL v2',
  'GPL and additional rights',
  'Dual BSD/GPL',
  'Dual MIT/GPL',
  'Dual MPL/GPL',
])

export const isGplCompatible = (license: string): boolean => COMPATIBLE.has(license)
