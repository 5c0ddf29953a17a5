import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Builds a C source with clang; the path of the object, or why it cannot be built. */
export function buildObject(source: string): { path: string } | { why: string } {
  const path = join(mkdtempSync(join(tmpdir(), 'netkit-bench-')), 'object.o')
  const include = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
  try {
    execFileSync('clang', ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-I', include, '-c', source, '-o', path], {
      stdio: 'pipe',
    })
    return { path }
  } catch (error) {
    return { why: `clang: ${(error as Error).message.split('\n')[0]}` }
  }
}
