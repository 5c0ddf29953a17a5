/** The wire: link messages decoded, encoded and checked; a dump into objects through the SDK. */
import { embedded } from '@netkit/kernel'
import { checkAttrs, Data, decodeAttrs, encodeAttrs, LIBERAL, LINK, type LinkAttrs, Writer } from '@netkit/netlink'
import { connect } from 'netkit'
import { Client } from './harness/client.ts'
import * as message from './harness/messages.ts'
import { elapsed, elapsedAsync, inTurns, report, sized, undisturbed } from './harness/suite.ts'

const ROUNDS = sized(11, 2)
const WARM_UP = sized(4, 1)
const TIMES = sized(20_000, 200)
const PAIRS = sized(2500, 50)
const HEADERS = 32

const client = new Client()
client.ask(message.createPair('a', 'b'))
client.socket.send(message.getByName('a'))
const bytes = client.socket.receive()?.bytes
if (!bytes) throw new Error('no reply')

const data = new Data(bytes, true)
const end = data.u32(0)
let link: LinkAttrs = {}
const w = new Writer(4096)
const found = new Int32Array(LINK.policy.maxId + 1)
const request = { bytes, view: data.view, extack: {} }
const each = (run: () => void): number =>
  elapsed(() => {
    for (let i = 0; i < TIMES; i++) run()
  }) /
  TIMES /
  1000

const codec = await inTurns(
  ROUNDS,
  WARM_UP,
  undisturbed(() => [
    each(() => {
      link = decodeAttrs(LINK, data, HEADERS, end)
    }),
    each(() => encodeAttrs(LINK, link, w.reset())),
    each(() => void checkAttrs(request, HEADERS, end, LINK.policy, LIBERAL, found)),
  ]),
)
for (const [i, what] of ['decode', 'encode', 'find the attributes of'].entries()) {
  report({ what: `${what} a link message of ${end} bytes`, unit: 'µs', rounds: codec.ours[i] })
}

for (let i = 0; i < PAIRS; i++) client.ask(message.createPair(`c${i}`, `d${i}`))
const kernel = await connect(embedded({ kernel: client.kernel }))
const dump = async (stats: boolean): Promise<number> => {
  let count = 0
  const took = await elapsedAsync(async () => {
    for await (const _device of kernel.devices.dump({ stats })) count++
  })
  if (count < 2 * PAIRS) throw new Error(`only ${count} devices`)
  return took / 1_000_000
}
const dumps = await inTurns(ROUNDS, WARM_UP, async () => [await dump(false), await dump(true)])
report({ what: `${2 * PAIRS} links dumped into objects`, unit: 'ms', rounds: dumps.ours[0], target: { max: 70 } })
report({ what: `${2 * PAIRS} links with their counters`, unit: 'ms', rounds: dumps.ours[1] })
const one = await inTurns(ROUNDS, WARM_UP, async () => {
  const count = sized(500, 50)
  const shown = await elapsedAsync(async () => {
    for (let i = 0; i < count; i++) await kernel.devices.get('a')
  })
  const changed = await elapsedAsync(async () => {
    for (let i = 0; i < count; i++) {
      await kernel.devices.remove(await kernel.devices.add({ kind: 'netkit', name: 'x', peer: { name: 'y' } }))
    }
  })
  return [shown / count / 1000, changed / count / 1000]
})
report({ what: 'a device by name through the SDK', unit: 'µs', rounds: one.ours[0] })
report({ what: 'a pair made and removed through the SDK', unit: 'µs', rounds: one.ours[1] })
await kernel.close()
