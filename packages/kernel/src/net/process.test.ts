import { describe, expect, it } from 'vitest'
import { Bench } from '../testing/bench.ts'

describe('descriptors of a process', () => {
  it('are the lowest free ones from 3', () => {
    const bench = new Bench()
    const process = bench.kernel.createProcess()
    const open = () => process.openNamespace(bench.ns)
    expect([open(), open(), open()]).toEqual([3, 4, 5])
    expect(process.closeFile(4)).toBe(true)
    expect(process.closeFile(4)).toBe(false)
    expect(open()).toBe(4)
  })

  it('hold what they name, once each, and let go of it when something else takes their place', () => {
    const bench = new Bench()
    const process = bench.kernel.createProcess()
    const [a, b] = [bench.kernel.createNamespace(), bench.kernel.createNamespace()]
    process.openNamespace(a, 100)
    process.openNamespace(a, 101)
    expect([a.holds, b.holds]).toEqual([2, 0])
    process.openNamespace(b, 100)
    expect([a.holds, b.holds]).toEqual([1, 1])
    process.openNamespace(b, 100)
    expect(b.holds).toBe(1)
    process.exit()
    expect([a.holds, b.holds]).toEqual([0, 0])
  })
})

describe('processes', () => {
  it('have numbers of their own, wished for or not', () => {
    const { kernel } = new Bench()
    const wished = kernel.createProcess({ pid: 1003 })
    const pids = [1, 2, 3].map(() => kernel.createProcess().pid)
    expect(new Set([wished.pid, ...pids]).size).toBe(4)
    kernel.endProcess(wished)
    expect(kernel.processes.has(1003)).toBe(false)
  })
})
