import { fromHex, toHex } from '@netkit/netlink'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { align } from './align.ts'
import { Bindings, bindAll, fill, matches, parseTemplate } from './template.ts'

describe('bytes with places', () => {
  const template = parseTemplate('0a{2 $id1}{@tail}{1 *x}ff', { tail: 'beef' })

  test('is read', () => {
    expect(template.length).toBe(7)
    expect(template.parts.map((p) => ('name' in p ? p.name : toHex(p.bytes)))).toEqual([
      '0a',
      '$id1',
      'beef',
      '*x',
      'ff',
    ])
  })

  test('matches whatever stands at its places', () => {
    expect(matches(template, fromHex('0a1234beef99ff'))).toBe(true)
    expect(matches(template, fromHex('0a1234bee099ff'))).toBe(false)
    expect(matches(template, fromHex('0a1234beef99ff00'))).toBe(false)
  })

  test('is filled with values that were seen', () => {
    const bindings = new Bindings()
    expect(() => fill(parseTemplate('00{2 $id1}'), bindings)).toThrow('the value of $id1 has not been seen')
    expect(bindAll(template, bindings, fromHex('0a1234beef99ff'))).toEqual([])
    expect(toHex(fill(parseTemplate('00{2 $id1}'), bindings))).toBe('001234')
  })

  test.each(['0', '{2 id}', '{@gone}', 'zz', '{2 $a'])('%s is refused', (text) => {
    expect(() => parseTemplate(text)).toThrow(TypeError)
  })
})

test('the same name is one value, other names with the same letters are others', () => {
  const bindings = new Bindings()
  expect(bindings.bind('$mac1', 'aa')).toBeUndefined()
  expect(bindings.bind('$mac1', 'aa')).toBeUndefined()
  expect(bindings.bind('$mac1', 'bb')).toBe('$mac1 was aa before')
  expect(bindings.bind('$mac2', 'aa')).toBe('$mac1 is aa already, and $mac2 is another value')
  expect(bindings.bind('$napi1', 'aa')).toBeUndefined()
})

describe('putting what came beside what was expected', () => {
  const same = (a: string, b: string) => a === b
  const pairs = (want: string, got: string) =>
    align([...want], [...got], same).map((p) => `${p.want ?? '-'}${p.got ?? '-'}`)

  test('in order where the numbers agree, by kind where they do not', () => {
    expect(pairs('abc', 'axc')).toEqual(['aa', 'bx', 'cc'])
    expect(pairs('abc', 'ac')).toEqual(['aa', 'b-', 'cc'])
    expect(pairs('ac', 'abc')).toEqual(['aa', '-b', 'cc'])
    expect(pairs('', 'a')).toEqual(['-a'])
  })

  test('nothing is lost', () => {
    const list = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 8 })
    fc.assert(
      fc.property(list, list, (want, got) => {
        const found = align([...want], [...got], same)
        expect(found.flatMap((p) => p.want ?? []).join('')).toBe(want)
        expect(found.flatMap((p) => p.got ?? []).join('')).toBe(got)
      }),
    )
  })
})
