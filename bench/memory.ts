/** Memory: what devices and namespaces take, and what is left of many that came and went. */
import { Client } from './harness/client.ts'
import * as message from './harness/messages.ts'
import { Peer } from './harness/peer.ts'
import { bytesInUse, report, sized, skip } from './harness/suite.ts'

const KB = 1000
const MB = 1_000_000
const PAIRS = sized(50_000, 2000)
const NAMESPACES = sized(5000, 200)
const CYCLES = sized(1_000_000, 5000)
const WARM_UP = sized(200_000, 500)
const PEER_PAIRS = sized(500, 20)
const PEER_NAMESPACES = sized(200, 10)

const started = await Peer.start('netlink.py')
const linux = typeof started === 'string' ? undefined : started
if (typeof started === 'string') skip("the machine's own kernel", started)

/** Kilobytes that the machine's kernel takes for each of `count` things. */
async function peerCost(count: number, ...make: (string | number)[]): Promise<number> {
  const before = await linux!.ask('memory')
  await linux!.ask(...make)
  const after = await linux!.ask('memory')
  return (after.bytes - before.bytes) / count / KB
}

const client = new Client()
const { kernel } = client
let made = 0
function comeAndGo(cycles: number): void {
  for (let i = 0; i < cycles; i++) {
    const n = ++made % 1000
    client.ask(message.createPair(`a${n}`, `b${n}`))
    client.ask(message.deleteByName(`a${n}`))
  }
}
/** Megabytes resident after garbage was collected and given back. */
const resident = (): number => {
  bytesInUse()
  return process.memoryUsage.rss() / MB
}

// The engine gives the heap its working size with its first full collections, not with the first cycles.
let settled = 0
for (let round = 0; round < 3; round++) {
  comeAndGo(WARM_UP)
  settled = resident()
}
comeAndGo(CYCLES)
const left = resident()
report({
  what: `resident size after ${CYCLES.toLocaleString('en')} pairs that came and went, against before`,
  unit: '×',
  rounds: [left / settled],
  target: { max: 1.05 },
})

const empty = bytesInUse()
for (let i = 0; i < PAIRS; i++) client.ask(message.createPair(`a${i}`, `b${i}`))
const full = bytesInUse()
report({
  what: 'an idle end of a pair',
  unit: 'kB',
  rounds: [(full - empty) / (2 * PAIRS) / KB],
  target: { max: 4 },
  peer: linux && { what: 'end of a veth pair', rounds: [await peerCost(2 * PEER_PAIRS, 'create', PEER_PAIRS, 1)] },
})
report({
  what: `resident size with ${(2 * PAIRS).toLocaleString('en')} devices`,
  unit: 'MB',
  rounds: [process.memoryUsage.rss() / MB],
  target: { max: 400 },
})

const held = Array.from({ length: NAMESPACES }, () => {
  const ns = kernel.createNamespace()
  ns.hold()
  return ns
})
report({
  what: 'a namespace with its lo',
  unit: 'kB',
  rounds: [(bytesInUse() - full) / NAMESPACES / KB],
  target: { max: 32 },
  peer: linux && { what: 'unshare', rounds: [await peerCost(PEER_NAMESPACES, 'hold_namespaces', PEER_NAMESPACES)] },
})
for (const ns of held) ns.release()
kernel.settle()
await linux?.ask('drop_namespaces')
await linux?.stop()
