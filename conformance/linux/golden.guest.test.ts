import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Difference, Replayer, readRecording } from '@netkit/cli/replay'
import { linux } from '@netkit/linux'
import { ETHTOOL, type GenlFamily, NETDEV, NLCTRL } from '@netkit/netlink'
import { connect, genericAttrs } from 'netkit'
import { beforeAll, expect, test } from 'vitest'
import { playRecordings } from './golden/play.ts'
import { PlayedBack } from './golden/played-back.ts'

const FOLDER = process.env.NETKIT_GOLDEN ?? ''
const FAMILIES: readonly GenlFamily[] = [NLCTRL, NETDEV, ETHTOOL]
const files = FOLDER === '' ? [] : readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl'))
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

let ids: ReadonlyMap<string, number>
let together: ReadonlyMap<string, readonly unknown[]>

beforeAll(async () => {
  ids = await familyIds()
  together = await playRecordings(
    files.map((file) => [file, read(file)]),
    ids,
  )
}, 1_200_000)

async function familyIds(): Promise<ReadonlyMap<string, number>> {
  await using kernel = await connect(linux())
  const { getfamily } = NLCTRL.commands
  return await kernel.withScope(undefined, async (scope) => {
    const known = new Map<string, number>()
    for (const { name } of FAMILIES) {
      const [reply] = await scope.call(NLCTRL, getfamily, { familyName: name }, { op: `find family ${name}` })
      const { familyId } = genericAttrs(NLCTRL.commands.newfamily.attrs, reply)
      if (familyId !== undefined) known.set(name, familyId)
    }
    return known
  })
}

async function differences(file: string, steps: readonly unknown[]): Promise<Difference[]> {
  const found: Difference[] = []
  const kernel = new PlayedBack(steps, ids)
  for await (const result of new Replayer(kernel, FAMILIES).play(readRecording(read(file))))
    found.push(...result.differences)
  return found
}

test.for(files)('%s', { timeout: 300_000 }, async (file) => {
  if ((await differences(file, together.get(file) ?? [])).length === 0) return
  // Side by side with others, news of carriers may come in another order: what differs must differ alone, too.
  const steps = (await playRecordings([[file, read(file)]], ids)).get(file) ?? []
  expect(await differences(file, steps)).toEqual([])
})

if (files.length === 0) test.skip('there are no recordings: NETKIT_GOLDEN names none', () => undefined)
