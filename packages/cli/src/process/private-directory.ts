import { chmodSync, lstatSync, mkdirSync } from 'node:fs'

/** A place that others could look into or put things into is not used. */
export class NotPrivateError extends Error {
  override readonly name = 'NotPrivateError'
}

const octal = (mode: number) => `0${(mode & 0o7777).toString(8)}`

/** Uid of this process. Throws where the machine has none. */
export function ownUid(): number {
  const uid = process.getuid?.()
  if (uid === undefined)
    throw new NotPrivateError(`the kernel process needs a system with users and unix sockets, not ${process.platform}`)
  return uid
}

/** Checks that a directory belongs to this user and that nobody else may enter it. False if there is none. */
export function checkPrivate(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return false
  const uid = ownUid()
  if (!found.isDirectory()) throw new NotPrivateError(`${path} is not a directory`)
  if (found.uid !== uid) throw new NotPrivateError(`${path} belongs to user ${found.uid}, not to you (${uid})`)
  if ((found.mode & 0o077) !== 0) {
    throw new NotPrivateError(
      `others may use ${path} (mode ${octal(found.mode)}); make it private with: chmod 700 ${path}`,
    )
  }
  return true
}

/** Makes a directory that only this user can open, and those above it; or checks the one there is. */
export function makePrivate(path: string): void {
  if (checkPrivate(path)) return
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // The mask of the process may have taken away what the owner needs, but never gave others anything.
  if ((lstatSync(path).mode & 0o700) !== 0o700) chmodSync(path, 0o700)
  checkPrivate(path)
}
