import { plural } from '../../print/numbers.ts'
import { command } from '../command.ts'
import { Exit, STATUS } from '../failure.ts'
import type { Session } from '../session.ts'
import { asJson, fileWords, refuse, stateFile, warnUndeclared } from './file.ts'
import { differencesText, stepJson, stepsText } from './print.ts'

interface PlanArgs {
  readonly '-f': string
  readonly '--prune'?: true
  readonly '--adopt'?: true
}

async function planned(args: PlanArgs, session: Session) {
  const file = await stateFile(args['-f'], session)
  // It changes nothing by itself; in a dry run what it asks must be answered by the kernel, not by what holds it back.
  const kernel = await session.with({ ...session.options, dryRun: false }).kernel()
  const signal = session.context.interrupted
  const plan = await kernel.state.plan(file.document, { prune: args['--prune'], adopt: args['--adopt'], signal })
  return { file, plan }
}

/** Prints the steps that a file takes. */
export async function showPlan(args: PlanArgs, session: Session): Promise<void> {
  const { file, plan } = await planned(args, session)
  const { steps, faults, undeclared, unseen, differences } = plan
  if (session.options.json) {
    await session.json(asJson({ steps: steps.map(stepJson), differences, faults, undeclared, unseen }))
  } else {
    for (const { entry, why } of differences.filter(({ action }) => action === 'recreate'))
      await session.say(`${session.style.warning(`${entry} is made anew: ${why.join('; ')}`)}\n`)
    const more = unseen.map((entry) => `then leases of ${entry}, which cannot be seen before its NIC is up\n`)
    await session.say(
      steps.length + more.length > 0 ? stepsText(steps) + more.join('') : faults.length > 0 ? '' : 'nothing to do\n',
    )
  }
  if (faults.length > 0) throw refuse(file, faults, session)
  warnUndeclared(undeclared, session)
}

export const plan = command({
  name: 'plan',
  summary: 'show what apply would do, step by step',
  words: fileWords,
  examples: [['plan -f web.yaml', 'the steps, in their order']],
  run: showPlan,
})

export const diff = command({
  name: 'diff',
  summary: 'show how the kernel differs from a file of declared state',
  words: fileWords,
  notes: [
    'Entries that are to be made (+), changed (~), removed (-) or made anew (-/+), with each field as it is (-) and as it is declared (+). Exit status 0: no difference; 3: there are some; 1: the file is wrong.',
  ],
  examples: [['diff -f web.yaml', 'what is not as declared']],
  async run(args, session) {
    const { file, plan } = await planned(args, session)
    const { differences, faults, undeclared } = plan
    if (session.options.json) await session.json(asJson({ differences, faults, undeclared }))
    else await session.say(differencesText(differences, session.style))
    if (faults.length > 0) throw refuse(file, faults, session)
    warnUndeclared(undeclared, session)
    if (differences.length > 0 || plan.steps.length > 0) throw new Exit(STATUS.differs)
    if (!session.options.json) await session.say(`${plural(0, 'difference')}\n`)
  },
})
