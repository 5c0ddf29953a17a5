/** Records what the machine's Linux makes of the programs (root): `npx tsx --conditions=source conformance/programs/record.ts`. */
import { linux } from '@netkit/linux'
import { connect } from 'netkit'
import { build } from './build.ts'
import { PROGRAM_CASES } from './cases/index.ts'
import { play } from './play.ts'
import { digestOf, RECORDED_FRAMES, RECORDED_SEED, record } from './recorded.ts'

for (const of of PROGRAM_CASES) {
  await using kernel = await connect(linux())
  record(of.object, digestOf(await play(kernel, of, build(of.object), RECORDED_SEED, RECORDED_FRAMES)))
}
