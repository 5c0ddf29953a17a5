import { closeSync, writeSync } from 'node:fs'
import { JournalError, SnapshotError } from '@netkit/kernel'
import type { Verdict } from './client/start.ts'
import { kernelPaths } from './paths.ts'
import { serve } from './server/serve.ts'

/** Where the starting client waits for a word. Absent when started by hand. */
const VERDICT_FD = 3

function say(verdict: Verdict): void {
  try {
    writeSync(VERDICT_FD, `${JSON.stringify(verdict)}\n`)
    closeSync(VERDICT_FD)
  } catch {
    // Nobody waits, or not any more.
    return
  }
}

/** What kept the kernel from starting, and how to go on where it is what an older build has kept. */
function whyOf(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error)
  const isKept = error instanceof JournalError || error instanceof SnapshotError
  return isKept ? `${why}: forget what it keeps by netkit kernel stop discard` : why
}

async function main(): Promise<void> {
  try {
    const running = await serve(kernelPaths())
    say(running ? { ready: true } : { running: true })
  } catch (error) {
    say({ error: whyOf(error) })
    process.exitCode = 1
  }
}

void main()
