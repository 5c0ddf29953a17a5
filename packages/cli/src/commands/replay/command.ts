import { ETHTOOL, NETDEV, NLCTRL } from '@netkit/netlink'
import { UsageError } from '../../grammar/usage-error.ts'
import { file } from '../../grammar/values.ts'
import type { Json } from '../../print/json.ts'
import { plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { Exit, STATUS } from '../failure.ts'
import type { Session } from '../session.ts'
import { Replayer, type StepResult } from './engine.ts'
import { differenceJson, fileText, stepResultText } from './print.ts'
import { type Recording, RecordingError, readRecording } from './recording.ts'

const FAMILIES = [NLCTRL, NETDEV, ETHTOOL]

interface Played {
  readonly recording: Recording
  readonly results: readonly StepResult[]
}

export const replay = command({
  name: 'replay',
  summary: 'replay recorded conversations against a fresh kernel',
  words: {
    file: {
      value: file(),
      positional: true,
      multi: true,
      required: true,
      doc: 'recordings: JSON lines, the first about the scenario, each other one a step',
    },
    verbose: { doc: 'print every step, not only those that differ' },
  },
  notes: [
    'Requests are sent as they were recorded; every reply and notification is held against the recorded one, field by field. Exit status 1 if anything differs, which is how to report that a kernel answers otherwise than Linux.',
    'Options: -j prints {"files", "steps", "matched", "differences"}.',
  ],
  examples: [
    ['replay 604-lease.jsonl', 'one recording'],
    ['-j replay *.jsonl', 'all of them, for a program to read'],
  ],
  async run(args, session) {
    if (session.options.dryRun)
      throw new UsageError('replay has no dry run: it changes nothing but a kernel of its own')
    let steps = 0
    let matched = 0
    const differences: Json[] = []
    for (const path of args.file) {
      if (session.context.interrupted.aborted) break
      const { recording, results } = await play(path, session)
      const good = results.filter((r) => r.differences.length === 0).length
      steps += results.length
      matched += good
      differences.push(...results.flatMap((r) => r.differences.map((d) => differenceJson(path, d))))
      if (session.options.json) continue
      await session.say(fileText(path, recording, results.length, good, session.style))
      for (const result of results) {
        if (args.verbose || result.differences.length > 0) await session.say(stepResultText(result, session.style))
      }
    }
    if (session.options.json) await session.json({ files: args.file.length, steps, matched, differences })
    else
      await session.say(
        `${plural(args.file.length, 'file')}, ${plural(steps, 'step')}, ${matched} matched, ${plural(differences.length, 'difference')}\n`,
      )
    if (matched !== steps) throw new Exit(STATUS.usage)
  },
})

async function play(path: string, { context, kernelName }: Session): Promise<Played> {
  if (!context.files) throw new UsageError('there are no files here')
  if (!context.replay) throw new UsageError('there is no kernel here to replay against')
  const recording = read(path, new TextDecoder().decode(await context.files.read(path)))
  const kernel = await context.replay(kernelName)
  try {
    const results: StepResult[] = []
    for await (const result of new Replayer(kernel, FAMILIES).play(recording)) results.push(result)
    return { recording, results }
  } finally {
    await kernel.close()
  }
}

function read(path: string, text: string): Recording {
  try {
    return readRecording(text)
  } catch (e) {
    if (e instanceof RecordingError) throw new UsageError(`${path}: ${e.message}`, { cause: e })
    throw e
  }
}
