import { KernelError } from '@netkit/netlink'
import type { Features } from '../features/features.ts'
import { type FeatureName, PROBES } from '../features/probes.ts'
import type { StateFault, StatePath } from './schema/fault.ts'
import type { StateDocument } from './schema/schema.ts'
import { type EndState, entriesOf } from './targets.ts'

/** Fields that only some kernels know. Those that do not ignore them: they make something else instead. */
const FIELDS: readonly (readonly [field: keyof EndState, feature: FeatureName])[] = [
  ['scrub', 'scrub'],
  ['headroom', 'headroom'],
  ['tailroom', 'headroom'],
  ['leases', 'leases'],
]

interface Need {
  readonly feature: FeatureName
  readonly path: StatePath
}

function needsOf(document: StateDocument): Need[] {
  return entriesOf(document).flatMap(({ section, path, ends }): Need[] => [
    ...(section === 'singles' ? [{ feature: 'single', path } as const] : []),
    ...(section === 'pairs' ? [{ feature: 'netkit', path } as const] : []),
    ...ends.flatMap((end) =>
      FIELDS.flatMap(([field, feature]) =>
        end.state[field] === undefined ? [] : [{ feature, path: [...end.path, field] }],
      ),
    ),
  ])
}

/** What a document says that this kernel does not know. Where a kernel does not say whether it does, requests will tell. */
export async function unknownTo(features: Features, document: StateDocument): Promise<StateFault[]> {
  const faults: StateFault[] = []
  for (const { feature, path } of needsOf(document)) {
    if (await lacks(features, feature))
      faults.push({ path, message: `is not known to this kernel: it came with Linux ${PROBES[feature].since}` })
  }
  return faults
}

async function lacks(features: Features, name: FeatureName): Promise<boolean> {
  try {
    return !(await features.has(name))
  } catch (e) {
    if (e instanceof KernelError) return false
    throw e
  }
}
