import { expect, it } from 'vitest'
import { Bench } from '../testing/bench.ts'
import { readSysctl, writeSysctl } from './sysctl.ts'

it('keeps what TCP is told, and refuses the rest', () => {
  const { kernel, ns } = new Bench()
  const set = (name: string, value: string): number => writeSysctl(kernel, ns, `net.ipv4.tcp_${name}`, value)
  expect(readSysctl(ns, 'net.ipv4.tcp_rmem')).toBe('4096\t131072\t6291456')
  expect(set('rmem', '4096 8192 16384')).toBe(0)
  expect(ns.settings.tcp.receiveMemory).toEqual([4096, 8192, 16_384])
  expect(set('rmem', '1 2 3 4')).toBe(-22)
  expect(set('syn_retries', '0')).toBe(-22)
  expect(set('syn_retries', '3')).toBe(0)
  expect(set('congestion_control', 'reno')).toBe(0)
  expect(set('congestion_control', 'none')).toBe(-2)
  expect(set('nothing', '1')).toBe(-2)
  expect(readSysctl(ns, 'net.ipv4.tcp_congestion_control')).toBe('reno')
})
