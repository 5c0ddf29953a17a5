import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { embedded } from '@netkit/kernel'
import { linux } from '@netkit/linux'
import { connect, type Kernel } from 'netkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PROGRAM_CASES } from '../programs/cases/index.ts'
import { embeddedExchange } from '../programs/exchange-embedded.ts'
import { type Exchange, HOST, makePair, PEER, POD, PRIMARY, playOnPair } from '../programs/pair.ts'

/** Object files of examples/programs: the guest has no compiler. */
const OBJECTS = process.env.NETKIT_PROGRAMS_BUILT ?? ''
/** Tests are bundled, what they run is not. */
const EXCHANGE = '/host/conformance/programs/exchange.py'
const FRAMES = { seed: 20_261_123, count: 15 }

const exchange: Exchange = async (frames) => {
  const input = frames.map((frame) => Buffer.from(frame).toString('hex')).join('\n')
  const { stdout, stderr, status } = spawnSync('python3', [EXCHANGE, HOST, PRIMARY, POD, PEER], {
    input: `${input}\n`,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(stderr)
  const lines = stdout.split('\n').slice(0, frames.length)
  return lines.map((line) => (line === '' ? [] : line.split(' ')))
}

let here: Kernel
let there: Kernel

beforeAll(async () => {
  ;[here, there] = [await connect(linux()), await connect(embedded())]
  await makePair(here, async (name) => {
    for (const which of ['all', 'default'])
      await here.sysctl.set(`net.ipv6.conf.${which}.disable_ipv6`, 1, { in: name })
  })
  await makePair(there)
})
afterAll(async () => {
  for (const name of [HOST, POD]) await here.namespaces.remove(name)
  for (const kernel of [here, there]) await kernel.close()
})

test.for(PROGRAM_CASES)(
  '$object does to packets of a pair what it does here',
  { timeout: 60_000 },
  async (of, { skip }) => {
    const path = `${OBJECTS}/${of.object}.o`
    if (!existsSync(path)) skip('not built: no clang where the guest was started')
    const object = new Uint8Array(readFileSync(path))
    const theirs = await playOnPair(here, of, object, exchange, FRAMES)
    const ours = await playOnPair(there, of, object, embeddedExchange(there), FRAMES)
    const differing = ours.outcomes.flatMap((outcome, n) => (outcome === theirs.outcomes[n] ? [] : [n]))
    expect(differing.slice(0, 3).map((n) => [ours.outcomes[n], theirs.outcomes[n]])).toEqual([])
    expect(ours.maps).toEqual(theirs.maps)
  },
)
