import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { ETHTOOL, NETDEV, NLCTRL } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Difference, Replayer } from './commands/replay/engine.ts'
import { type Recording, readRecording, type Step } from './commands/replay/recording.ts'
import type { Part, Template } from './commands/replay/template.ts'
import { embeddedReplay } from './replay-embedded.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const folder = pathToFileURL(`${resolve(root, process.env.NETKIT_GOLDEN ?? '../shared/golden')}/`)
const files = (() => {
  try {
    return readdirSync(folder).filter((name) => name.endsWith('.jsonl'))
  } catch {
    return []
  }
})()

const load = (name: string): Recording => readRecording(readFileSync(new URL(name, folder), 'utf8'))

async function play(recording: Recording): Promise<Difference[]> {
  const kernel = await embeddedReplay()
  const found: Difference[] = []
  for await (const { differences } of new Replayer(kernel, [NLCTRL, NETDEV, ETHTOOL]).play(recording))
    found.push(...differences)
  await kernel.close()
  return found
}

describe.skipIf(files.length === 0)('the embedded kernel answers as Linux 7.3 was recorded', () => {
  test.each(files)('%s', async (name) => {
    expect(await play(load(name))).toEqual([])
  })
})

/** Messages of a step whose bytes were recorded, and how to put others in their place. */
const expected = (step: Step): readonly Template[] => [
  ...(step.op === 'netlink' ? step.replies.map((m) => m.template) : []),
  ...step.notify.map((m) => m.template),
]

/** The recording with one fixed byte of one expected message changed. */
function flip(recording: Recording, at: number, byte: number): { recording: Recording; step: number } | undefined {
  const all = recording.steps.flatMap((step, i) => expected(step).map((template) => ({ i, template })))
  if (all.length === 0) return undefined
  const { i, template } = all[at % all.length]
  const fixed = template.parts.filter((p): p is Part & { bytes: Uint8Array } => 'bytes' in p)
  const part = fixed[byte % fixed.length]
  const bytes = part.bytes.slice()
  bytes[byte % bytes.length] ^= 1 << (byte % 8)
  const changed = { ...template, parts: template.parts.map((p) => (p === part ? { ...p, bytes } : p)) }
  const put = <M extends { template: Template }>(m: M): M => (m.template === template ? { ...m, template: changed } : m)
  const steps = recording.steps.map((step, n) => {
    if (n !== i) return step
    const notify = step.notify.map(put)
    return step.op === 'netlink' ? { ...step, notify, replies: step.replies.map(put) } : { ...step, notify }
  })
  return { recording: { ...recording, steps }, step: recording.steps[i].step }
}

test.skipIf(files.length === 0)('no changed byte goes unnoticed', async () => {
  const small = files.filter((name) => load(name).steps.length <= 16)
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...small), fc.nat(10_000), fc.nat(100_000), async (name, at, byte) => {
      const flipped = flip(load(name), at, byte)
      if (!flipped) return
      const found = await play(flipped.recording)
      expect(found.map((d) => d.step)).toContain(flipped.step)
    }),
    { numRuns: 60 },
  )
})
