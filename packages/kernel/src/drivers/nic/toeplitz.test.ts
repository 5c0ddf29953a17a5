import { describe, expect, test } from 'vitest'
import { flowKey, KEY_DESTINATION, KEY_PORTS, KEY_SOURCE } from '../../packet/flow-key.ts'
import { RSS_KEY_BYTES, randomRssKey, Toeplitz } from './toeplitz.ts'

/** Published with the definition of receive-side scaling for Windows ("Verifying the RSS hash calculation"). */
const KEY = Uint8Array.from(
  '6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa'.match(/../g) as string[],
  (byte) => Number.parseInt(byte, 16),
)
const IP4 = [
  // destination, port, source, port, hash of addresses, hash of addresses and ports
  ['161.142.100.80', 1766, '66.9.149.187', 2794, 0x323e8fc2, 0x51ccc178],
  ['65.69.140.83', 4739, '199.92.111.2', 14230, 0xd718262a, 0xc626b0ea],
  ['12.22.207.184', 38024, '24.19.198.95', 12898, 0xd2d0a5de, 0x5c2b394a],
  ['209.142.163.6', 2217, '38.27.205.30', 48228, 0x82989176, 0xafc7327f],
  ['202.188.127.2', 1303, '153.39.163.191', 44251, 0x5d1809c5, 0x10e828a2],
] as const
const IP6 = [
  ['3ffe2501020000030000000000000001', 1766, '3ffe250102001fff0000000000000007', 2794, 0x2cc18cd5, 0x40207d3d],
  ['ff020000000000000000000000000001', 4739, '3ffe050100080000026097fffe40efab', 14230, 0x0f0c461c, 0xdde51bbf],
  ['fe800000000000000200f8fffe2167cf', 38024, '3ffe1900454500030200f8fffe2167cf', 44251, 0x4b61e985, 0x02d1feef],
] as const

const ip4 = (text: string) => text.split('.').reduce((word, byte) => (word << 8) | Number(byte), 0)
const ip6 = (text: string) => (text.match(/.{8}/g) as string[]).map((word) => Number.parseInt(word, 16) | 0)

describe('the published vectors', () => {
  const toeplitz = new Toeplitz(KEY)
  test.each(IP4)('IPv4 to %s:%d from %s:%d', (to, toPort, from, fromPort, addresses, withPorts) => {
    const flow = flowKey()
    flow[KEY_SOURCE] = ip4(from)
    flow[KEY_DESTINATION] = ip4(to)
    flow[KEY_PORTS] = (fromPort << 16) | toPort
    expect(toeplitz.ip4(flow) >>> 0).toBe(addresses)
    expect(toeplitz.ip4Ports(flow) >>> 0).toBe(withPorts)
  })
  test.each(IP6)('IPv6 to %s:%d from %s:%d', (to, toPort, from, fromPort, addresses, withPorts) => {
    const flow = flowKey()
    flow.set(ip6(from), KEY_SOURCE)
    flow.set(ip6(to), KEY_DESTINATION)
    flow[KEY_PORTS] = (fromPort << 16) | toPort
    expect(toeplitz.ip6(flow) >>> 0).toBe(addresses)
    expect(toeplitz.ip6Ports(flow) >>> 0).toBe(withPorts)
  })
})

test('a key has 40 bytes, of the randomness given', () => {
  let n = 0
  const key = randomRssKey(() => 0x01020304 + n++)
  expect([...key.subarray(0, 8)]).toEqual([1, 2, 3, 4, 1, 2, 3, 5])
  expect([key.length, n]).toEqual([RSS_KEY_BYTES, 10])
  expect(() => new Toeplitz(new Uint8Array(39))).toThrow('40 bytes')
})
