import { readFileSync, writeFileSync } from 'node:fs'
import { type ErrnoName, errno, refused } from '@netkit/netlink'

/** Where a setting is. A slash stands for a dot that belongs to a device's name, as in sysctl(8). */
function fileOf(op: string, name: string): string {
  if (!/^net(\.[^.\0]+)+$/.test(name) || name.includes('..'))
    throw refused(op, 'ENOENT', 'there is no such setting here')
  const path = name.replaceAll(/[./]/g, (c) => (c === '.' ? '/' : '.'))
  return `/proc/sys/${path}`
}

function failed(op: string, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return code in errno ? refused(op, code as ErrnoName) : (error as Error)
}

/** Reads a setting of the network namespace that this thread is in. */
export function readSysctl(name: string): string {
  const op = `read ${name}`
  const file = fileOf(op, name)
  try {
    return readFileSync(file, 'utf8').trimEnd()
  } catch (error) {
    throw failed(op, error)
  }
}

export function writeSysctl(name: string, value: string): void {
  const op = `set ${name}`
  const file = fileOf(op, name)
  try {
    writeFileSync(file, value)
  } catch (error) {
    throw failed(op, error)
  }
}
