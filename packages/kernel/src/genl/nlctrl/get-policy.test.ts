import { ETHTOOL, type GenlFamily, NETDEV, NLCTRL, type PolicyTlv } from '@netkit/netlink'
import { describe, expect, it } from 'vitest'
import { Bench } from '../../testing/bench.ts'
import { generic } from '../../testing/generic.ts'
import { POLICIES_OF_LINUX } from '../../testing/policies-of-linux.ts'
import { POLICIES_OF_LINUX_6_12 } from '../../testing/policies-of-linux-6.12.ts'

const TYPES = [
  ['unspec', 'flag', 'u8', 'u16', 'u32', 'u64', 's8', 's16', 's32', 's64', 'binary', 'string', 'nul-string', 'nest'],
  ['nest-array', 'bitfield32', 'sint', 'uint'],
].flat()

/** A policy in the words of the recorded list; the order of its limits is the kernel's. */
function say(p: PolicyTlv): string {
  const limits = [
    ['min', p.minS ?? p.minU],
    ['max', p.maxS ?? p.maxU],
    ['max-length', p.maxLength],
    ['mask', p.mask],
    ['policy', p.policyIndex],
    ['max-type', p.policyMaxType],
  ]
  const said = limits.filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${value}`)
  return [TYPES[p.type ?? 0], ...said].join(' ')
}

/** All policies of a family, as lines. */
function list(bench: Bench, family: GenlFamily): string[] {
  const { replies, errno } = generic(
    bench,
    NLCTRL,
    NLCTRL.commands.getpolicy,
    { familyName: family.name },
    { dump: true },
  )
  expect(errno).toBe(0)
  const lines: string[] = [`family ${family.name}`]
  for (const reply of replies) {
    for (const [op, p] of reply.opPolicy ?? []) {
      const indexes = [p.do === undefined ? '' : ` do=${p.do}`, p.dump === undefined ? '' : ` dump=${p.dump}`]
      lines.push(`op ${op}${indexes.join('')}`)
    }
    for (const [index, attrs] of reply.policy ?? []) {
      for (const [id, p] of attrs) lines.push(`policy ${index} attr ${id} ${say(p)}`)
    }
  }
  return lines
}

describe('GETPOLICY', () => {
  const bench = new Bench()

  it('tells the policies of every family as Linux does', () => {
    const lines = [NLCTRL, NETDEV, ETHTOOL].flatMap((family) => list(bench, family))
    expect(lines).toEqual(POLICIES_OF_LINUX.trimEnd().split('\n'))
  })

  it('tells those of Linux 6.12 where it answers as that', () => {
    const old = new Bench(1, '6.12')
    const lines = [NLCTRL, NETDEV, ETHTOOL].flatMap((family) => list(old, family))
    expect(lines).toEqual(POLICIES_OF_LINUX_6_12.trimEnd().split('\n'))
  })

  it('tells those of one command, numbered from 0', () => {
    const { replies } = generic(
      bench,
      NLCTRL,
      NLCTRL.commands.getpolicy,
      { familyName: 'netdev', op: 13 },
      { dump: true },
    )
    expect(replies[0].opPolicy).toEqual(new Map([[13, { do: 0 }]]))
    expect(replies.slice(1).map((r) => [...r.policy.keys()][0])).toEqual([0, 0, 0, 0, 1, 1])
  })

  it.each([
    [
      { familyName: 'netdev', op: 99 },
      { errno: 2, offset: 32 },
    ],
    [{ familyId: 9999 }, { errno: 2 }],
    [{}, { errno: 22 }],
  ])('refuses %j', (attrs, said) => {
    expect(generic(bench, NLCTRL, NLCTRL.commands.getpolicy, attrs, { dump: true })).toEqual({ ...said, replies: [] })
  })
})
