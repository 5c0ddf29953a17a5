import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const EXAMPLES = join(import.meta.dirname, '../../examples/programs')
const HEADERS = `/usr/include/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`
const LIBBPF = '/usr/include/bpf/bpf_helpers.h'

/** Why programs cannot be built here; undefined: they can. */
export function whyNotBuilt(): string | undefined {
  if (!existsSync(LIBBPF)) return "no libbpf headers (Debian's libbpf-dev)"
  try {
    execFileSync('clang', ['--version'], { stdio: 'ignore' })
    return undefined
  } catch {
    return 'no clang'
  }
}

/** Builds a program as the README of examples/programs says; the object file. */
export function build(name: string, sources = EXAMPLES): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'netkit-program-'))
  try {
    const out = join(folder, `${name}.o`)
    const flags = ['-O2', '-g', '-target', 'bpf', '-mcpu=v3', '-Wall', '-Werror']
    const includes = ['-I', join(EXAMPLES, 'include'), '-I', HEADERS]
    execFileSync('clang', [...flags, ...includes, '-c', join(sources, `${name}.c`), '-o', out], { stdio: 'pipe' })
    return new Uint8Array(readFileSync(out))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
