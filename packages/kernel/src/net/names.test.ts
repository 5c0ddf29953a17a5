import { errno } from '@netkit/netlink'
import { array, assert, constant, constantFrom, integer, oneof, property, record } from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { Device } from './device.ts'
import { makeNamespaceIp } from './ip/tables.ts'
import { isReservedName, isValidName, NameTable } from './names.ts'
import { NetNamespace } from './namespace.ts'

const ns = new NetNamespace(1, { ownerUid: 0 }, makeNamespaceIp(2, 10), () => undefined)
const device = (name: string) =>
  new Device({ nameTemplate: 'x%d', setup: () => undefined, newlink: () => 0 }, ns, name, undefined)

describe('a valid name', () => {
  test.each(['a', 'nk0', 'eth0.100', '-', '%', 'x'.repeat(15), '\u00fc', 'all', '...'])('%j', (name) => {
    expect(isValidName(name)).toBe(true)
  })
  test.each(['', '.', '..', 'a/b', 'a:b', 'a b', 'a\tb', 'a\nb', 'a\u00a0b', 'x'.repeat(16)])('is not %j', (name) => {
    expect(isValidName(name)).toBe(false)
  })

  it('may still be one that IP keeps for itself', () => {
    expect(['all', 'default', 'All', 'eth0'].map(isReservedName)).toEqual([true, true, false, false])
  })
})

describe('a table of names', () => {
  it('has each name once', () => {
    const table = new NameTable()
    const dev = device('a')
    table.add('a', dev)
    table.add('alias', dev)
    expect([table.get('a'), table.get('alias'), table.get('b')]).toEqual([dev, dev, undefined])
    expect(table.resolve('a')).toEqual({ error: -errno.EEXIST })
    expect(table.resolve('alias')).toEqual({ error: -errno.EEXIST })
    // Its own name is no obstacle to a device.
    expect(table.resolve('a', dev)).toEqual({ name: 'a' })
    table.delete('a')
    expect(table.resolve('a')).toEqual({ name: 'a' })
    expect(table.has('alias')).toBe(true)
  })

  test.each(['%', '%s', 'a%', '%d%d', 'a%%d', '%1d', ''])('does not take %j for a template', (wanted) => {
    expect(new NameTable().resolve(wanted)).toEqual({ error: -errno.EINVAL })
  })

  it('fills in the lowest free number, as it is written', () => {
    const table = new NameTable()
    for (const name of ['nk1', 'nk01', 'nk', 'nk2x', 'nk3']) table.add(name, device(name))
    const take = () => {
      const result = table.resolve('nk%d') as { name: string }
      table.add(result.name, device(result.name))
      return result.name
    }
    expect([take(), take(), take(), take()]).toEqual(['nk0', 'nk2', 'nk4', 'nk5'])
    table.delete('nk2')
    expect(take()).toBe('nk2')
    expect(table.resolve('%dx')).toEqual({ name: '0x' })
    expect(table.resolve('a%db')).toEqual({ name: 'a0b' })
  })

  it('never recognises a number that a digit follows', () => {
    const table = new NameTable()
    for (const name of ['a01', 'a11']) table.add(name, device(name))
    expect(table.resolve('a%d1')).toEqual({ name: 'a01' })
    expect(table.resolve('a%dx')).toEqual({ name: 'a0x' })
  })

  it('has no number left after 32767', () => {
    const table = new NameTable()
    const dev = device('x')
    for (let n = 0; n <= 32767; n++) table.add(`x${n}`, dev)
    expect(table.resolve('x%d')).toEqual({ error: -errno.ENFILE })
    expect(table.resolve('x%d')).toEqual({ error: -errno.ENFILE })
    table.delete('x31000')
    expect(table.resolve('x%d')).toEqual({ name: 'x31000' })
  })

  it('finds the same as a search from zero, whatever came and went before, for any number of templates', () => {
    const templates = ['a%d', 'b%d', '%d', 'a%dz', ...Array.from({ length: 100 }, (_, n) => `t${n}_%d`)]
    const step = oneof(
      record({ kind: constant('make' as const), template: constantFrom(...templates) }),
      record({ kind: constant('add' as const), template: constantFrom(...templates), n: integer({ min: 0, max: 6 }) }),
      record({ kind: constant('delete' as const), at: integer({ min: 0, max: 1000 }) }),
    )
    assert(
      property(array(step, { maxLength: 200 }), (steps) => {
        const table = new NameTable()
        const names: string[] = []
        for (const s of steps) {
          if (s.kind === 'delete') {
            if (names.length > 0) table.delete(names.splice(s.at % names.length, 1)[0])
            continue
          }
          let expected = 0
          if (s.kind === 'make') while (names.includes(s.template.replace('%d', String(expected)))) expected++
          const name = s.template.replace('%d', String(s.kind === 'make' ? expected : s.n))
          if (s.kind === 'make') expect(table.resolve(s.template)).toEqual({ name })
          else if (names.includes(name)) continue
          table.add(name, device(name))
          names.push(name)
        }
      }),
    )
  })
})
