import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Sends frames through a veth pair of the machine's own kernel, in a network namespace of its own. Needs root and a C compiler. */
export class Sender {
  readonly #folder: string
  readonly #namespace: string

  private constructor(folder: string, namespace: string) {
    this.#folder = folder
    this.#namespace = namespace
  }

  /** Builds the sender and makes the pair; a string says why that is not possible. */
  static async prepare(): Promise<Sender | string> {
    if (process.platform !== 'linux') return 'needs Linux'
    if (process.getuid?.() !== 0) return 'needs root'
    const folder = mkdtempSync(join(tmpdir(), 'netkit-bench-'))
    const binary = join(folder, 'send')
    const built = spawnSync('cc', ['-O2', '-o', binary, join('bench', 'peers', 'send.c')], { stdio: 'ignore' })
    if (built.status !== 0) {
      rmSync(folder, { recursive: true })
      return 'needs a C compiler (cc) with the Linux headers'
    }
    const namespace = `netkit-bench-${process.pid}`
    const ip = (...args: string[]): void => void execFileSync('ip', args, { stdio: 'ignore' })
    try {
      ip('netns', 'add', namespace)
      ip('-n', namespace, 'link', 'add', 'name', 'a', 'type', 'veth', 'peer', 'name', 'b')
      ip('-n', namespace, 'link', 'set', 'dev', 'a', 'up')
      ip('-n', namespace, 'link', 'set', 'dev', 'b', 'up')
    } catch (e) {
      spawnSync('ip', ['netns', 'del', namespace], { stdio: 'ignore' })
      rmSync(folder, { recursive: true })
      return `ip: ${(e as Error).message}`
    }
    return new Sender(folder, namespace)
  }

  /** Nanoseconds a frame, system calls included. */
  nanoseconds(size: number, count: number): number {
    const args = ['netns', 'exec', this.#namespace, join(this.#folder, 'send'), 'a', String(size), String(count)]
    return Number(execFileSync('ip', args, { encoding: 'utf8' })) / count
  }

  stop(): void {
    spawnSync('ip', ['netns', 'del', this.#namespace])
    rmSync(this.#folder, { recursive: true })
  }
}
