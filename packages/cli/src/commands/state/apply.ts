import { ApplyError, StateError, type StateStep, stepText } from 'netkit'
import { plural } from '../../print/numbers.ts'
import { printable } from '../../print/printable.ts'
import { command } from '../command.ts'
import { Exit, failure } from '../failure.ts'
import type { Session } from '../session.ts'
import { asJson, filesBeside, fileWords, refuse, stateFile, warnUndeclared } from './file.ts'
import { showPlan } from './plan.ts'
import { stepJson } from './print.ts'

export const apply = command({
  name: 'apply',
  summary: 'make the kernel as a file declares it',
  words: {
    ...fileWords,
    '--allow-recreate': { doc: 'remove and make anew what cannot be changed as it is; default: refuse' },
  },
  notes: [
    'Makes and changes what differs, in the order that it takes, and nothing else: what the file does not say stays as it is, and what bears no mark of the set is not touched. Nothing is done if something cannot be. If a step fails, what was done stays, and applying the file again goes on from there. With -dry-run: what netkit plan says.',
  ],
  examples: [
    ['apply -f web.yaml', 'namespaces, NICs, pairs, single devices and leases as web.yaml declares them'],
    ['apply -f web.yaml --prune', 'the same, and nothing else of this set'],
  ],
  async run(args, session) {
    // What is planned from is what there is, so that a dry run can show the steps, but not go from one to the next.
    if (session.options.dryRun) return await showPlan(args, session)
    const path = args['-f']
    const file = await stateFile(path, session)
    const kernel = await session.kernel()
    const { json } = session.options
    try {
      const { steps, undeclared } = await kernel.state.apply(file.document, {
        prune: args['--prune'],
        adopt: args['--adopt'],
        allowRecreate: args['--allow-recreate'],
        files: filesBeside(path, session),
        signal: session.context.interrupted,
        onStep: (step) => {
          if (!json) void session.say(`${printable(stepText(step))}\n`)
        },
      })
      if (json) await session.json(asJson({ steps: steps.map(stepJson), undeclared }))
      else await session.say(steps.length > 0 ? `${plural(steps.length, 'step')} done\n` : 'nothing to do\n')
      warnUndeclared(undeclared, session)
    } catch (e) {
      if (e instanceof StateError) throw refuse(file, e.faults, session)
      if (e instanceof ApplyError) throw await stopped(e, session)
      throw e
    }
  },
})

/** Says how far it got. */
async function stopped({ message, cause, done, failed, remaining }: ApplyError, session: Session): Promise<Exit> {
  const { context, options } = session
  if (options.json) {
    const step = (one: StateStep) => stepJson(one)
    await session.json({ steps: done.map(step), failed: step(failed), error: message, remaining: remaining.map(step) })
  }
  context.writeError(`Error: ${printable(message)}\n`)
  context.writeError(`${plural(done.length, 'step')} done before that; not done:\n`)
  for (const step of [failed, ...remaining]) context.writeError(`  ${printable(stepText(step))}\n`)
  context.writeError('Hint: netkit apply goes on from here when it is run again.\n')
  return new Exit(failure(cause, undefined).status)
}
