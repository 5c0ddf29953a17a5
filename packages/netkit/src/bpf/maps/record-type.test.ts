import { type BtfType, encodeBtf, parseBtf } from '@netkit/bpf'
import { expect, test } from 'vitest'
import { recordDecoder } from './record-type.ts'

const types: readonly BtfType[] = [
  { kind: 'void' },
  { kind: 'int', name: 'u32', size: 4, bits: 32, offset: 0, encoding: 0 },
  {
    kind: 'struct',
    name: 'event',
    size: 8,
    members: [
      { name: 'ifindex', type: 1, offset: 0, bits: 0 },
      { name: 'length', type: 1, offset: 32, bits: 0 },
    ],
  },
]

test('records are what their type says, without what pads them; short ones stay bytes', () => {
  const btf = parseBtf(encodeBtf({ types: [...types] }))
  const decode = recordDecoder(btf, 'event')
  expect(decode?.(Uint8Array.of(3, 0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0))).toEqual({ ifindex: 3, length: 60 })
  expect(decode?.(Uint8Array.of(3, 0, 0))).toEqual(Uint8Array.of(3, 0, 0))
  expect(recordDecoder(btf, 'packet')).toBeUndefined()
})
