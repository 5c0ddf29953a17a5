import { expect, test } from 'vitest'
import { splitWords } from './split-words.ts'
import { distance, suggest } from './suggest.ts'

test.each<[string, string[]]>([
  ['link add nk0', ['link', 'add', 'nk0']],
  ['  alias "two words" ', ['alias', 'two words']],
  [`a'b c'd`, ['ab cd']],
  ["x '' y", ['x', '', 'y']],
  ['link show # all of them', ['link', 'show']],
  ['a#b', ['a#b']],
  ['# nothing', []],
  ['', []],
])('%s', (line, words) => {
  expect(splitWords(line)).toEqual(words)
})

test('what was probably meant', () => {
  expect(distance('mtu', 'mtuu')).toBe(1)
  expect(distance('ab', 'ba')).toBe(1)
  expect(suggest('lnk', ['netns', 'link', 'lease'])).toBe('link')
  expect(suggest('numrxqueus', ['numtxqueues', 'numrxqueues'])).toBe('numrxqueues')
  expect(suggest('zzz', ['link', 'lease'])).toBeUndefined()
})
