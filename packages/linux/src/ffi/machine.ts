/** Architectures whose system call numbers and structures this package knows: 64 bits, little endian. */
const ARCHITECTURES: readonly string[] = ['x64', 'arm64']

/** This machine's own kernel cannot be reached from this program. The message says why and what to do. */
export class NoLinuxError extends Error {
  override readonly name = 'NoLinuxError'
}

/** Why the machine's kernel cannot be reached, judged by platform and architecture; undefined if it may be. */
export function whyNotHere(
  machine: { readonly platform: string; readonly arch: string } = process,
): string | undefined {
  const { platform, arch } = machine
  if (platform !== 'linux') return `this machine runs ${platform}, not Linux; the embedded kernel runs anywhere`
  if (!ARCHITECTURES.includes(arch))
    return `Linux on ${arch} is not supported, only on ${ARCHITECTURES.join(' and ')}; the embedded kernel runs anywhere`
  return undefined
}
