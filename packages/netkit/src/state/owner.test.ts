import { describe, expect, test } from 'vitest'
import { birthAddress, birthGroup, isMark, markIn, markOf, namespaceMark, namespaceOwner } from './owner.ts'

describe('marks', () => {
  test.each(['nic', 'single', 'primary', 'peer'] as const)('of a %s are read as they are written', (role) => {
    const mark = markOf('web-1', 'nk0.eth', role)
    expect(isMark(mark)).toBe(true)
    expect(markIn(['uplink', mark])).toEqual({ set: 'web-1', id: 'nk0.eth', peer: role === 'peer' })
  })

  test('fit into an alternative name at their longest', () => {
    expect(markOf('s'.repeat(32), 'i'.repeat(64), 'peer').length).toBeLessThanOrEqual(127)
    expect(namespaceMark('s'.repeat(32)).length).toBeLessThanOrEqual(127)
  })

  test('of namespaces are none of devices', () => {
    const mark = namespaceMark('web')
    expect(namespaceOwner(['x', mark])).toBe('web')
    expect(markIn([mark])).toBeUndefined()
    expect(isMark(mark)).toBe(true)
  })

  test('are not what merely looks like them', () => {
    expect(markIn(['netkit', 'netkit.web', 'xnetkit.a.b', 'netkit.A.b'])).toBeUndefined()
  })
})

test('a newborn is told apart by entry and by role, with numbers that the kernel takes', () => {
  const groups = [birthGroup('s', 'a', 'primary'), birthGroup('s', 'a', 'peer'), birthGroup('s', 'b', 'primary')]
  expect(new Set(groups).size).toBe(3)
  for (const group of groups) expect(group >>> 30).toBe(1)
  expect(birthAddress('s', 'a')).toMatch(/^02:6e:6b(:[0-9a-f]{2}){3}$/)
  expect(birthAddress('s', 'a')).not.toBe(birthAddress('s', 'b'))
})
