import { describe, expect, test } from 'vitest'
import { noOptions, OPTIONS, OptionReader, type Options } from './options.ts'
import { UsageError } from './usage-error.ts'

const read = (...words: string[]): Options => {
  const reader = new OptionReader()
  for (const word of words) expect(reader.take(word), word).toBe(true)
  return reader.finish()
}
const changed = (...words: string[]) => {
  const none = noOptions()
  return Object.fromEntries(
    Object.entries(read(...words)).filter(([key, value]) => none[key as keyof Options] !== value),
  )
}

describe('options in the spellings of iproute2', () => {
  test.each<[string, Partial<Options>]>([
    ['-j', { json: true }],
    ['-json', { json: true }],
    ['--json', { json: true }],
    ['-p', { pretty: true }],
    ['-d', { details: true }],
    ['-det', { details: true }],
    ['-s', { statistics: 1 }],
    ['-s -stats', { statistics: 2 }],
    ['-br', { brief: true }],
    ['-b file', { batch: 'file' }],
    ['-batch=file', { batch: 'file' }],
    ['-o', { oneline: true }],
    ['-n pod', { netns: 'pod' }],
    ['-netns pod', { netns: 'pod' }],
    ['-k linux', { kernel: 'linux' }],
    ['--kernel linux', { kernel: 'linux' }],
    ['--kernel=embedded', { kernel: 'embedded' }],
    ['-c', {}],
    ['-c=always', { color: 'always' }],
    ['-color=never', { color: 'never' }],
    ['-force', { force: true }],
    ['-h', { human: true }],
    ['-iec', { human: true, iec: true }],
    ['-t', { timestamp: 'long' }],
    ['-ts', { timestamp: 'short' }],
    ['-help', { help: true }],
    ['-V', { version: true }],
    ['--version', { version: true }],
  ])('%s', (line, wanted) => {
    expect(changed(...line.split(' '))).toEqual(wanted)
  })

  test('what is no option', () => {
    for (const word of ['link', '-', '--', '-x', '-1', '']) expect(new OptionReader().take(word), word).toBe(false)
  })

  test.each(['-c=blue', '-j=1', '-n=a/b', '-kernel=windows'])('%s is refused', (word) => {
    expect(() => new OptionReader().take(word)).toThrow(UsageError)
  })

  test('a value that is missing is refused', () => {
    const reader = new OptionReader()
    reader.take('-n')
    expect(() => reader.finish()).toThrow('option -netns needs a value')
  })

  test('every option is found by its shortest form', () => {
    for (const option of OPTIONS) {
      const reader = new OptionReader()
      expect(reader.take(`-${option.least}`), option.name).toBe(true)
      expect(reader.pending).toBe(option.value)
    }
  })
})
