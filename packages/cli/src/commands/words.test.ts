import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isGroup } from '../grammar/command.ts'
import { complete } from '../grammar/complete.ts'
import { isHelp, readLine } from '../grammar/line.ts'
import { OptionReader } from '../grammar/options.ts'
import { UsageError } from '../grammar/usage-error.ts'
import { helpText } from './run.ts'
import { ENTRIES } from './tree.ts'

const called = (line: string): string => {
  const found = readLine(ENTRIES, line.split(' ').filter(Boolean), new OptionReader())
  if (!found) return 'nothing'
  return isHelp(found) ? `help ${found.about.join(' ')}`.trim() : found.about.join(' ')
}

describe('abbreviations, as in ip', () => {
  test.each([
    ['l', 'link show'],
    ['l s', 'link show'],
    ['l s nk0 up', 'link set'],
    ['link sh', 'link show'],
    ['link ls', 'link show'],
    ['li a nk0 type netkit', 'link add'],
    ['l d nk0', 'link del'],
    ['link delete nk0', 'link del'],
    ['link change nk0 up', 'link set'],
    ['link property add nk0 altname x', 'link property'],
    ['n', 'netns list'],
    ['ne a pod', 'netns add'],
    ['netns exec pod link show', 'netns exec'],
    ['q', 'queue show'],
    ['le', 'lease show'],
    ['lease', 'lease show'],
    ['-j -d l', 'link show'],
    ['-n pod link', 'link show'],
    ['mon link', 'monitor'],
    ['kernel', 'kernel status'],
    ['', 'nothing'],
    ['-j', 'nothing'],
    ['help', 'help'],
    ['help link', 'help link'],
    ['help l a', 'help link add'],
    ['link help', 'help link'],
    ['link add help', 'help link add'],
    ['monitor help', 'help monitor'],
  ])('%s is %s', (line, wanted) => {
    expect(called(line)).toBe(wanted)
  })

  test.each([
    ['lnk', 'link'],
    ['link ad0', 'add'],
    ['-jason link', '-json'],
  ])('%s is refused with a guess', (line, guess) => {
    let refused: unknown
    try {
      called(line)
    } catch (e) {
      refused = e
    }
    expect(refused).toBeInstanceOf(UsageError)
    expect((refused as UsageError).suggestion).toBe(guess)
  })
})

describe('completion', () => {
  const words = (line: string) => complete(ENTRIES, line.split(' ')).candidates.map((c) => c.word)
  const sources = (line: string) => complete(ENTRIES, line.split(' ')).sources

  test('objects, commands, words and values', () => {
    expect(words('le')).toEqual(['lease'])
    expect(words('link ')).toEqual(['add', 'set', 'del', 'show', 'property', 'help'])
    expect(words('link add nk0 num')).toEqual(['numtxqueues', 'numrxqueues'])
    expect(words('link add nk0 type ')).toEqual(['netkit', 'veth', 'dummy'])
    expect(words('link add nk0 type netkit mode ')).toEqual(['l2', 'l3'])
    expect(words('link add nk0 type netkit peer pol')).toEqual(['policy'])
    expect(words('-color=al')).toEqual([])
    expect(words('-br')).toEqual(['-brief'])
    expect(words('capture any -')).toContain('-w')
    expect(words('help li')).toEqual(['link'])
    expect(words('-kernel ')).toEqual(['embedded', 'linux'])
  })

  test('a word that was said is not offered again', () => {
    expect(words('link add nk0 mtu 1400 m')).not.toContain('mtu')
    expect(words('link add nk0 altname a al')).toContain('altname')
  })

  test('names that only the kernel knows, where they may stand', () => {
    expect(sources('link set ')).toEqual(['device'])
    expect(sources('link set dev ')).toEqual(['device'])
    expect(sources('link set nk0 netns ')).toEqual(['namespace'])
    expect(sources('-n ')).toEqual(['namespace'])
    expect(sources('replay ')).toEqual(['file'])
    expect(sources('nic play ')).toEqual(['nic'])
    expect(complete(ENTRIES, '-k linux -n pod link set '.split(' ')).place).toEqual({ kernel: 'linux', netns: 'pod' })
  })

  test('nothing where nothing fits', () => {
    expect(words('nonsense more ')).toEqual([])
    expect(words('link add nk0 mtu x ')).toEqual([])
  })
})

const spelled = ENTRIES.flatMap((e) => [
  e.name,
  ...(isGroup(e) ? e.commands.flatMap((c) => [c.name, ...Object.keys(c.words)]) : Object.keys(e.words)),
])

test('no words crash the parser or completion', () => {
  const word = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...spelled, '-j', '-n', 'nk0', '1', 'netkit', 'peer', 'help') },
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 10 }), (line) => {
      complete(ENTRIES, line)
      const options = new OptionReader()
      try {
        const found = readLine(ENTRIES, line, options)
        if (found && !isHelp(found)) found.reader.finish()
        options.finish()
      } catch (e) {
        expect(e).toBeInstanceOf(UsageError)
      }
    }),
    { numRuns: 3000 },
  )
})

test('help fits the width and says something of every word', () => {
  for (const width of [80, 120]) {
    for (const entry of ENTRIES) {
      const commands = isGroup(entry) ? entry.commands : [entry]
      for (const command of commands) {
        if (command.hidden) continue
        const text = helpText(isGroup(entry) ? [entry.name, command.name] : [entry.name], { width, strong: (t) => t })
        const usual = text.split('\nExamples')[0]
        expect(usual.split('\n').filter((line) => line.length > width)).toEqual([])
        for (const name of Object.keys(command.words)) {
          if (!command.words[name].hidden && !command.words[name].rest) expect(text).toContain(name)
        }
      }
    }
  }
})
