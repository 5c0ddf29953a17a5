import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InputError } from './input-error.ts'
import { checkAltname, checkName, checkWholeName, nameFault } from './names.ts'

describe('names of devices', () => {
  test.each(['eth0', 'a', '123456789012345', 'nk%d', '%d', 'ü', '-', 'a.b', '日本語です'])('%j is one', (name) => {
    expect(nameFault(name)).toBeUndefined()
  })

  test.each([
    ['', '1 to 15 bytes'],
    ['1234567890123456', '1 to 15 bytes'],
    ['日本語ですね', '1 to 15 bytes'],
    ['.', "'.'"],
    ['..', "'..'"],
    ['a/b', 'white space'],
    ['a:b', 'white space'],
    ['a b', 'white space'],
    ['a\tb', 'white space'],
    ['a\0b', 'white space'],
    ['100%', "'%d'"],
    ['nk%s', "'%d'"],
    ['%d%d', "'%d'"],
  ])('%j is none', (name, why) => {
    expect(nameFault(name)).toContain(why)
    expect(() => checkName('device add x', 'name', name)).toThrow(InputError)
  })

  test('what is refused is what the rule says, for any string', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '.', '/', ':', ' ', '%', 'd', 'é', '\n'), maxLength: 20 }),
        (name) => {
          const bytes = new TextEncoder().encode(name).length
          const plain = bytes >= 1 && bytes <= 15 && name !== '.' && name !== '..' && !/[/: \n]/.test(name)
          const percents = name.split('%').length - 1
          const template = percents === 0 || (percents === 1 && name.includes('%d'))
          expect(nameFault(name) === undefined).toBe(plain && template)
        },
      ),
    )
  })

  test('a template is no whole name', () => {
    expect(() => checkWholeName('device move x', 'name', 'nk%d')).toThrow(
      "device move x: name must be a whole name, not the template 'nk%d'",
    )
  })

  test('alternative names may be longer', () => {
    expect(() => checkAltname('x', 'n', 'a'.repeat(127))).not.toThrow()
    expect(() => checkAltname('x', 'n', 'a'.repeat(128))).toThrow('1 to 127 bytes')
    expect(() => checkAltname('x', 'n', 7)).toThrow('must be a string, not 7')
  })
})
