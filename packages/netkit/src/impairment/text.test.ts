import { IMPAIRMENT, IMPAIRMENT_KEYS, type ImpairmentOptions, impairmentFault } from '@netkit/netlink'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { impairmentText, impairmentWords, parseImpairment } from './text.ts'

test.each<readonly [Readonly<Record<string, string | number>>, ImpairmentOptions]>([
  [{ loss: '1%' }, { loss: 0.01 }],
  [{ loss: '0.3% 25%' }, { loss: 0.003, lossCorrelation: 0.25 }],
  [{ delay: '10ms 2ms 25%' }, { delay: 10, jitter: 2, delayCorrelation: 0.25 }],
  [{ delay: '1.5s' }, { delay: 1500 }],
  [{ delay: '250us' }, { delay: 0.25 }],
  [{ burst: '1% 10% 70% 0.1%' }, { burst: 0.01, burstEnd: 0.1, burstLoss: 0.7, calmLoss: 0.001 }],
  [
    { rate: '100mbit', limit: 200, seed: 7 },
    { rate: 1e8, limit: 200, seed: 7 },
  ],
  [{ rate: '2.5Gbit' }, { rate: 2.5e9 }],
])('%j', (words, options) => {
  expect(parseImpairment(words)).toEqual(options)
  expect(impairmentFault(options)).toBeUndefined()
})

test.each([
  [{ loss: '1' }, "loss must be a share such as 1% or 0.5%, not '1'"],
  [{ loss: '1% 2% 3%' }, "loss has '3%' too much"],
  [{ delay: '10' }, 'delay must be a time'],
  [{ limit: '1.5' }, 'limit must be a number'],
  [{ jitter: '1ms' }, 'jitter is unknown; known are loss,'],
])('%j is refused', (words, why) => {
  expect(() => parseImpairment(words)).toThrow(why)
})

test.each<readonly [ImpairmentOptions, string]>([
  [{ jitter: 1 }, 'jitter'],
  [{ loss: 2 }, 'loss'],
  [{ loss: 0.1, burst: 0.1 }, 'burst'],
  [{ reorder: 0.1 }, 'reorder'],
  [{ gap: 5 }, 'gap'],
  [{ limit: 1.5 }, 'limit'],
  [{ lose: 1 } as ImpairmentOptions, 'lose'],
])('%j cannot be', (options, key) => {
  expect(impairmentFault(options)?.[0]).toBe(key)
})

const value = (key: (typeof IMPAIRMENT_KEYS)[number]) => {
  const { unit, min, max } = IMPAIRMENT[key]
  // What people write: up to four digits after the point.
  const step = unit === 'share' || unit === 'ms' ? 1e-4 : 1
  return fc.integer({ min: Math.ceil(min / step), max: Math.min(max / step, 1e9) }).map((n) => n * step)
}

/** Without what needs something else that is not there. */
function possible(options: ImpairmentOptions): ImpairmentOptions {
  const key = impairmentFault(options)?.[0]
  return key ? possible(Object.fromEntries(Object.entries(options).filter(([other]) => other !== key))) : options
}

test('what is shown reads back', () => {
  const values = Object.fromEntries(IMPAIRMENT_KEYS.map((key) => [key, value(key)]))
  const anything = fc.record(values, { requiredKeys: [] }).map(possible)
  fc.assert(
    fc.property(anything, (options) => {
      const back = parseImpairment(impairmentWords(options))
      expect(Object.keys(back).sort()).toEqual(Object.keys(options).sort())
      for (const key of IMPAIRMENT_KEYS) if (options[key] !== undefined) expect(back[key]).toBeCloseTo(options[key], 6)
      expect(impairmentText(back)).toBe(impairmentText(options))
    }),
  )
})
