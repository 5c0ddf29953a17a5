import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface, type Interface } from 'node:readline'

/** What a peer answers to a command: numbers by name. */
export type Answer = Readonly<Record<string, number>>

/**
 * A process that does to the machine's own kernel what is measured on ours. It takes one command a line and answers with
 * one line of JSON. It works in a network namespace of its own, which goes with it.
 */
export class Peer {
  readonly #process: ChildProcess
  readonly #lines: AsyncIterator<string>
  readonly #reader: Interface

  private constructor(child: ChildProcess) {
    this.#process = child
    this.#reader = createInterface({ input: child.stdout! })
    this.#lines = this.#reader[Symbol.asyncIterator]()
  }

  /** Starts a script of `bench/peers`; a string says why that is not possible. */
  static start(script: string, ...args: string[]): Promise<Peer | string> {
    return Peer.run('python3', [join('bench', 'peers', script), ...args])
  }

  /** Starts any program that keeps to these lines; a string says why that is not possible. */
  static async run(program: string, args: readonly string[]): Promise<Peer | string> {
    if (process.platform !== 'linux') return 'needs Linux'
    if (process.getuid?.() !== 0) return 'needs root'
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    })
    const failed = once(child, 'error').then(([e]) => `${program}: ${(e as Error).message}`)
    const started = await Promise.race([failed, once(child, 'spawn')])
    if (typeof started === 'string') return started
    const peer = new Peer(child)
    try {
      await peer.ask('hello')
    } catch (e) {
      return (e as Error).message
    }
    return peer
  }

  async ask(...words: (string | number)[]): Promise<Answer> {
    this.#process.stdin?.write(`${words.join(' ')}\n`)
    const line = await this.#lines.next()
    if (line.done) throw new Error('the peer has ended')
    const answer = JSON.parse(line.value) as Answer | { error: string }
    if ('error' in answer) throw new Error(`peer, ${words[0]}: ${answer.error}`)
    return answer
  }

  async stop(): Promise<void> {
    this.#process.stdin?.end()
    if (this.#process.exitCode === null) await once(this.#process, 'exit')
    this.#reader.close()
  }
}
