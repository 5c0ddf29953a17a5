import { expect, test } from 'vitest'
import { tally } from './count.ts'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((each) => ({ status: each })),
})

test('counts what passed and failed over all runs', () => {
  const node = { testResults: [file('passed', 'passed', 'passed', 'pending'), file('failed', 'failed', 'passed')] }
  const browser = { testResults: [file('passed', 'passed')] }
  expect(tally([node, browser])).toEqual({ passed: 4, failed: 1 })
})

test('a file that broke before its tests, and one that broke after them, are failures', () => {
  expect(tally([{ testResults: [file('failed'), file('failed', 'passed')] }])).toEqual({ passed: 1, failed: 2 })
})

test('a run that left no report is a failure', () => {
  expect(tally([undefined, { testResults: [] }])).toEqual({ passed: 0, failed: 1 })
})
