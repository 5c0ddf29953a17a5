type Koffi = typeof import('koffi')

/** The C library of this process, or undefined where koffi has no binary for the machine or was left out. */
export interface Libc {
  readonly koffi: Koffi
  readonly library: ReturnType<Koffi['load']>
}

let found: Promise<Libc | undefined> | undefined

/** Loaded once, when first asked for: it takes some 15 ms. */
export function libc(): Promise<Libc | undefined> {
  found ??= import('koffi').then(
    (koffi) => ({ koffi, library: koffi.load(null) }),
    () => undefined,
  )
  return found
}
