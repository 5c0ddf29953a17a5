import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assemble, encode } from '@netkit/bpf'
import { embedded } from '@netkit/kernel'
import { connect, VerifierError } from 'netkit'
import { expect, test } from 'vitest'

/** Helpers that Linux 7.3 lets programs call, by type: it says something else of them than that they cannot be used. */
const LINUX = JSON.parse(readFileSync(join(import.meta.dirname, 'cases/bpf-helpers.json'), 'utf8')) as Readonly<
  Record<'sched_cls' | 'xdp', string>
>
const GUIDE = readFileSync(join(import.meta.dirname, '../docs/bpf.md'), 'utf8')

/** Those that the guide says are not there. */
const missing = new Set(/\n```\n(perf_event_read [^`]*)```/.exec(GUIDE)?.[1].trim().split(/\s+/))

test.each(['sched_cls', 'xdp'] as const)(
  '%s programs can call what they can on Linux, but for what the guide lists',
  async (type) => {
    await using kernel = await connect(embedded())
    const refused: string[] = []
    for (const name of LINUX[type].split(' ')) {
      const code = encode(assemble(`r2 = 0; r3 = 0; r4 = 0; r5 = 0; call ${name}; r0 = 0; exit`))
      const answer = await kernel.bpf.loadProgram(code, { type }).catch((error: unknown) => error)
      if (answer instanceof VerifierError && answer.message.includes('cannot use helper')) refused.push(name)
    }
    expect(refused.filter((name) => !missing.has(name))).toEqual([])
    expect([...missing].filter((name) => LINUX[type].split(' ').includes(name) && !refused.includes(name))).toEqual([])
  },
)
