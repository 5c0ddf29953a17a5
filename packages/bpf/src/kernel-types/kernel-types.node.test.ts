import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { encodeBtf } from '../btf/encode.ts'
import { parseBtf } from '../btf/parse.ts'
import { bareType, sizeOf } from '../btf/resolve.ts'
import type { Btf, Composite } from '../btf/type.ts'
import { kernelTypes } from './kernel-types.ts'
import { typesOf } from './parse-c.ts'

const own = kernelTypes()
const find = (btf: Btf, name: string): Composite | undefined =>
  btf.types.find((type): type is Composite => (type.kind === 'struct' || type.kind === 'union') && type.name === name)

/** All members, those of anonymous ones too, as `name offset bits size`. */
function places(btf: Btf, type: Composite, base = 0): string[] {
  return type.members.flatMap(({ name, type: id, offset, bits }) => {
    const inner = bareType(btf, id)
    if (!name && 'members' in inner) return places(btf, inner, base + offset)
    return [`${name} ${base + offset} ${bits} ${sizeOf(btf, id)}`]
  })
}

test('types are encoded and read back', () => {
  expect(parseBtf(encodeBtf(own))).toEqual(own)
})

// Sizes and offsets of the interface: spec, contexts and parameters of helpers.
test.each([
  ['__sk_buff', 192, ['data 608 0 4', 'sk 1344 0 8', 'tstamp_type 1440 0 1', 'hwtstamp 1472 0 8']],
  ['xdp_md', 24, ['egress_ifindex 160 0 4']],
  ['bpf_sock', 80, ['dst_port 384 0 2', 'rx_queue_mapping 608 0 4']],
  ['ethhdr', 14, ['h_proto 96 0 2']],
  ['iphdr', 20, ['version 4 4 1', 'daddr 128 0 4']],
  ['ipv6hdr', 40, ['daddr 192 0 16']],
  ['tcphdr', 20, ['doff 100 4 2', 'window 112 0 2']],
  ['udphdr', 8, ['check 48 0 2']],
  ['bpf_fib_lookup', 64, ['dmac 464 0 6', 'tbid 384 0 4']],
  ['bpf_tunnel_key', 44, ['tunnel_label 192 0 4']],
  ['bpf_redir_neigh', 20, []],
])('%s has %d bytes', (name, size, members) => {
  const type = find(own, name)!
  expect(type.size).toBe(size)
  expect(places(own, type)).toEqual(expect.arrayContaining(members))
})

describe('the running kernel', () => {
  const path = '/sys/kernel/btf/vmlinux'
  test.skipIf(!existsSync(path))('has the same layouts', () => {
    const kernel = parseBtf(new Uint8Array(readFileSync(path)))
    const names = own.types.flatMap((type) => (type.kind === 'struct' && type.name ? [type.name] : []))
    const compared = names.filter((name) => find(kernel, name))
    for (const name of compared) {
      const [ours, theirs] = [find(own, name)!, find(kernel, name)!]
      expect([name, ours.size]).toEqual([name, theirs.size])
      expect(places(kernel, theirs), name).toEqual(expect.arrayContaining(places(own, ours)))
    }
    expect(compared.length).toBeGreaterThan(20)
  })
})

test('declarations that make no sense are quoted', () => {
  expect(() => typesOf(() => undefined, 'struct a { what b; };')).toThrow('unknown type what, after "struct a { what"')
})
