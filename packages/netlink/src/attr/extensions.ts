/** What an embedded kernel can do beyond Linux, once it is asked to: nothing of it is there otherwise. */
export const EXTENSIONS = ['netkit-xdp'] as const
export type ExtensionName = (typeof EXTENSIONS)[number]
