import { KernelError } from '@netkit/netlink'
import type { RemovalReport } from 'netkit'
import { printable } from '../print/printable.ts'
import { removalJson, removalText, takesAlong } from '../print/removal.ts'
import type { Session } from './session.ts'

/**
 * Removes something and says what went along: on standard error, or with -j as a record of the output. It is asked for
 * before, when it is still known, and said when it has happened; in a dry run that it would. Where the kernel does not
 * tell, the removal goes on without: what is not there is then refused as such.
 */
export async function removing(
  session: Session,
  find: () => Promise<RemovalReport>,
  remove: () => Promise<void>,
): Promise<void> {
  const report = await find().catch(unlessRefused)
  await remove()
  if (report instanceof KernelError) {
    session.context.writeError(`Warning: what goes along is not known: ${printable(report.message)}\n`)
    return
  }
  if (!takesAlong(report)) return
  const { json, dryRun } = session.options
  if (json && dryRun) session.holdNote(removalJson(report))
  else if (json) await session.json([removalJson(report)])
  else session.context.writeError(removalText(report, dryRun))
}

function unlessRefused(e: unknown): KernelError {
  if (e instanceof KernelError) return e
  throw e
}
