import type { RemovalReport } from 'netkit'
import { removalJson, removalText, takesAlong } from '../print/removal.ts'
import type { Session } from './session.ts'

/**
 * Removes something and says what went along: on standard error, or with -j as a record of the output. It is asked for
 * before, when it is still known, and said when it has happened; in a dry run that it would.
 */
export async function removing(
  session: Session,
  find: () => Promise<RemovalReport>,
  remove: () => Promise<void>,
): Promise<void> {
  const report = await find()
  await remove()
  if (!takesAlong(report)) return
  const { json, dryRun } = session.options
  if (json && dryRun) session.holdNote(removalJson(report))
  else if (json) await session.json([removalJson(report)])
  else session.context.writeError(removalText(report, dryRun))
}
