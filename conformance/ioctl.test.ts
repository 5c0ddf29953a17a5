import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { KernelError, NETLINK_ROUTE, NLM_F_REQUEST, RT_LINK } from '@netkit/netlink'
import { Chance, mutate, routeMessage, seedOf } from '@netkit/netlink/testing'
import { expect, test } from 'vitest'

const COMMANDS = 20_000
const seed = seedOf(process.env.NETKIT_SEED)

const INSERT = 0x32
const COUNT = 0x2e
const LIST = 0x30
const SIZE = 192
const TCP4 = 1

/** A rule as ethtool sends it: TCP over IPv4 to a port goes to a queue, at any free location. */
function insertRule(port: number, queue: number): Uint8Array {
  const bytes = new Uint8Array(SIZE)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, INSERT, true)
  view.setUint32(16, TCP4, true)
  view.setUint16(20 + 10, port)
  view.setUint16(20 + 52 + 20 + 10, 0xffff)
  view.setBigUint64(16 + 152, BigInt(queue), true)
  view.setUint32(16 + 160, 0xffff_ffff, true)
  return bytes
}

const number = (command: number, size = SIZE): Uint8Array => {
  const bytes = new Uint8Array(size)
  new DataView(bytes.buffer).setUint32(0, command, true)
  return bytes
}

test(`${COMMANDS} hostile ethtool commands, seed ${seed}, are carried out or refused, and leave rules that can be listed`, async () => {
  const kernel = new Kernel({ world: simulatedWorld(1) })
  kernel.nics.plug({ ns: kernel.initialNs, queues: 4 })
  const { ethtoolIoctl, netlink } = openDoors(kernel, kernel.createProcess())
  const route = await netlink({ protocol: NETLINK_ROUTE })
  await route.send(routeMessage(RT_LINK.setlink, { ifindex: 2, flags: 1, change: 1 }, {}, { flags: NLM_F_REQUEST }))
  const chance = new Chance(seed)
  const count = { carriedOut: 0, refused: 0 }
  const ask = async (bytes: Uint8Array, device = 'eth0') => {
    try {
      const answer = await ethtoolIoctl!.ethtool(device, bytes)
      count.carriedOut++
      expect(answer).toHaveLength(bytes.length)
      return new DataView(answer.buffer, answer.byteOffset)
    } catch (e) {
      if (!(e instanceof KernelError)) throw new Error(`seed ${seed}, command ${bytes.join(' ')}`, { cause: e })
      count.refused++
      return undefined
    }
  }
  for (let i = 0; i < COMMANDS; i++) {
    const bases = [
      insertRule(chance.below(65536), chance.below(5)),
      number(0x2d + chance.below(6), SIZE + 4 * chance.below(9)),
    ]
    const bytes = chance.odds(1, 20) ? chance.bytes(1 + chance.below(200)) : chance.pick(bases)
    await ask(chance.odds(1, 3) ? bytes : mutate(bytes, chance), chance.odds(1, 50) ? 'lo' : 'eth0')
  }
  expect(count.carriedOut).toBeGreaterThan(COMMANDS / 20)
  expect(count.refused).toBeGreaterThan(COMMANDS / 20)
  const rules = (await ask(number(COUNT)))?.getUint32(184, true) ?? 0
  expect(rules).toBeGreaterThan(0)
  const list = number(LIST, SIZE + 4 * rules)
  new DataView(list.buffer).setUint32(184, rules, true)
  const listed = await ask(list)
  expect(listed?.getUint32(184, true)).toBe(rules)
  const locations = Array.from({ length: rules }, (_, i) => listed!.getUint32(188 + 4 * i, true))
  expect(new Set(locations).size).toBe(rules)
})
