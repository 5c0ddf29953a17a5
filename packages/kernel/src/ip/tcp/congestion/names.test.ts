import { expect, it } from 'vitest'
import { ALGORITHMS } from '../../../net/tcp-sysctl.ts'
import { CONGESTION } from './names.ts'

it('has what settings can name', () => {
  expect([...CONGESTION.keys()].sort()).toEqual([...ALGORITHMS].sort())
})
