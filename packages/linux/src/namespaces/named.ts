import { closeSync, mkdirSync, openSync, readdirSync, statSync, unlinkSync } from 'node:fs'
import { errno, refused } from '@netkit/netlink'
import { type Calls, failure } from '../ffi/calls.ts'
import { CLONE_NEWNET, MNT_DETACH, MS_BIND, MS_REC, MS_SHARED } from '../ffi/numbers.ts'
import { fileFailure, isRefusal, NETNS_DIR, THREAD_NETNS, withFile } from './files.ts'
import { assertName } from './names.ts'
import { elsewhere } from './switch.ts'

const LOCK_EX = 2 // asm-generic/fcntl.h

/**
 * Makes a network namespace and gives it a name in the way of `ip netns add`: an empty file in a directory whose mounts are
 * shared with the whole machine, and the namespace mounted on it. A file that nothing is mounted on is taken over.
 */
export function createNamespace(c: Calls, name: string): void {
  const op = `create namespace ${name}`
  assertName(name, op)
  const path = `${NETNS_DIR}/${name}`
  elsewhere(c, op, () => {
    makeDirectory(op)
    withFile(NETNS_DIR, op, (directory) => {
      c.flock(directory, LOCK_EX) // against another who makes one at the same time; closing lets go
      shareMounts(c, op)
      makeFile(path, op)
      try {
        if (c.unshare(CLONE_NEWNET) < 0) throw failure(c, op)
        if (c.mount(THREAD_NETNS, path, 'none', MS_BIND, null) < 0)
          throw failure(c, op, `nothing can be mounted on ${path}`)
      } catch (e) {
        unlinkSync(path)
        throw e
      }
    })
  })
}

function makeFile(path: string, op: string): void {
  try {
    closeSync(openSync(path, 'wx', 0))
  } catch (e) {
    if (!isRefusal(e, 'EEXIST')) throw fileFailure(e, op)
    if (hasNamespace(path)) throw refused(op, 'EEXIST', 'a namespace with this name exists')
  }
}

/**
 * Whether anything is mounted on a file of the directory. What nothing is mounted on was left by somebody who was killed
 * while making a namespace, or when the mount was undone by hand.
 */
const hasNamespace = (path: string): boolean => statSync(path).dev !== statSync(NETNS_DIR).dev

function makeDirectory(op: string): void {
  try {
    mkdirSync(NETNS_DIR, { mode: 0o755 })
  } catch (e) {
    if (!isRefusal(e, 'EEXIST')) throw fileFailure(e, op)
  }
}

/** Makes the directory a shared mount point, once for the machine: mounts in it are then seen, and undone, everywhere. */
function shareMounts(c: Calls, op: string): void {
  const share = () => c.mount('', NETNS_DIR, 'none', MS_SHARED | MS_REC, null) === 0
  if (share()) return
  if (c.errno() !== errno.EINVAL) throw failure(c, op, `mounts in ${NETNS_DIR} cannot be shared`)
  // It is no mount point yet.
  if (c.mount(NETNS_DIR, NETNS_DIR, 'none', MS_BIND | MS_REC, null) < 0 || !share())
    throw failure(c, op, `${NETNS_DIR} cannot be made a mount point`)
}

/** Takes a name away. The namespace goes with its last user. */
export function removeNamespace(c: Calls, name: string): void {
  const op = `remove namespace ${name}`
  assertName(name, op)
  const path = `${NETNS_DIR}/${name}`
  // EINVAL: nothing is mounted there any more; then only the file is left.
  if (c.umount2(path, MNT_DETACH) < 0 && c.errno() !== errno.EINVAL) {
    const isUnknown = c.errno() === errno.ENOENT
    throw failure(c, op, isUnknown ? 'there is no namespace with this name' : undefined)
  }
  try {
    unlinkSync(path)
  } catch (e) {
    throw fileFailure(e, op)
  }
}

/** Names, sorted. Not those on whose file no namespace is mounted. */
export function listNamespaces(): readonly string[] {
  try {
    return readdirSync(NETNS_DIR)
      .filter((name) => isThere(`${NETNS_DIR}/${name}`))
      .sort()
  } catch (e) {
    if (isRefusal(e, 'ENOENT')) return []
    throw fileFailure(e, 'list namespaces')
  }
}

/** Somebody else may take it away at the same time. */
function isThere(path: string): boolean {
  try {
    return hasNamespace(path)
  } catch (e) {
    if (isRefusal(e, 'ENOENT')) return false
    throw e
  }
}
