import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { basename, resolve } from 'node:path'

const OUT = '.cache/bench/peers'

/** A peer that is not a script: its program, or why there is none. */
export type Compiled = { readonly program: string } | { readonly missing: string }

function compile(source: string, command: (out: string) => readonly string[], env: NodeJS.ProcessEnv = {}): Compiled {
  mkdirSync(OUT, { recursive: true })
  const program = resolve(OUT, basename(source).replace(/\W/g, '-'))
  const [compiler, ...args] = command(program)
  try {
    execFileSync(compiler, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } })
    return { program }
  } catch (e) {
    const { code, stderr } = e as { code?: string; stderr?: Buffer }
    const why = code === 'ENOENT' ? 'not installed' : String(stderr).trim().split('\n')[0]
    return { missing: `${compiler}: ${why}` }
  }
}

/** Compiles a file of C. */
export const compileC = (source: string): Compiled => compile(source, (out) => ['gcc', '-O2', '-o', out, source])

/** Compiles a Go program over the libraries that Debian has packaged. */
export const compileGo = (source: string): Compiled =>
  compile(source, (out) => ['go', 'build', '-o', out, source], {
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: resolve(OUT, 'go'),
  })
