import { toHex } from '@netkit/netlink'
import { Chance, seedOf } from '@netkit/netlink/testing'
import { expect, test } from 'vitest'
import { RequestSource } from './src/hostile/requests.ts'
import { drain } from './src/random/ask.ts'
import { type Caller, Machine } from './src/random/machine.ts'

const DATAGRAMS = 2000
const seed = seedOf(process.env.NETKIT_SEED)
const CALLERS: readonly Caller[] = ['root', 'root', 'root', 'child', 'nobody']

/** A machine that is furnished, as far as its seed goes, like any other. */
function machine(): Machine {
  const made = new Machine(seed, 5)
  made.addNamespace()
  made.kernel.nics.plug({ ns: made.first.ns, queues: 3 })
  return made
}

test(`two kernels with one world, seed ${seed}, give the same answers to ${DATAGRAMS} datagrams, byte for byte`, () => {
  const chance = new Chance(seed)
  const source = new RequestSource(chance, [])
  const [one, other] = [machine(), machine()]
  for (let i = 0; i < DATAGRAMS; i++) {
    const { protocol, bytes } = source.next()
    const place = chance.below(2)
    const caller = chance.pick(CALLERS)
    const [a, b] = [one, other].map((m) => {
      const socket = m.socket(m.places[place], caller, protocol)
      socket.send(bytes)
      return drain(socket).map((item) => toHex(item.bytes))
    })
    expect(b, `datagram ${i}: ${toHex(bytes)}`).toEqual(a)
  }
  expect(other.snapshot()).toBe(one.snapshot())
  expect(other.kernel.changes).toBe(one.kernel.changes)
})
