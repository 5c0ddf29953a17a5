import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import { gunzipSync } from 'node:zlib'

/** What the running kernel was built with, where distributions keep it; empty if they do not. The order is libbpf's. */
export function readConfiguration(): string {
  const plain = `/boot/config-${release()}`
  if (existsSync(plain)) return readFileSync(plain, 'utf8')
  const packed = '/proc/config.gz'
  return existsSync(packed) ? gunzipSync(readFileSync(packed)).toString('utf8') : ''
}
