import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { release, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { callerFacts } from './caller.ts'
import { CAPABILITIES, capabilitiesOf } from './capabilities.ts'
import { machineFacts } from './machine.ts'
import { nicFacts } from './nics.ts'

test('capabilities are named by their bits', () => {
  expect([...capabilitiesOf('0000000000003000')]).toEqual(['CAP_NET_ADMIN', 'CAP_NET_RAW'])
  expect(capabilitiesOf('000001ffffffffff').size).toBe(CAPABILITIES.length)
  expect(capabilitiesOf('0').size).toBe(0)
  expect(CAPABILITIES.indexOf('CAP_SYS_ADMIN')).toBe(21)
  expect(CAPABILITIES.indexOf('CAP_BPF')).toBe(39)
})

test.skipIf(process.platform !== 'linux')('the caller is who this process is', () => {
  const facts = callerFacts()
  expect(facts?.uid).toBe(process.geteuid?.())
  expect(facts?.userNamespace.inode).toBeGreaterThan(0)
  expect(facts?.networkNamespace).toBeGreaterThan(0)
})

test('the machine tells its kernel’s release, and why it cannot be reached where it cannot', async () => {
  const facts = await machineFacts()
  expect(facts.release).toBe(release())
  expect(facts.unreachable === undefined).toBe(process.platform === 'linux')
})

test('devices with a driver are NICs, with the queues that they have', () => {
  const root = mkdtempSync(join(tmpdir(), 'netkit-sysfs-'))
  try {
    for (const queue of ['rx-0', 'rx-1', 'tx-0']) mkdirSync(join(root, 'eth0', 'queues', queue), { recursive: true })
    for (const folder of ['eth0/device', 'bus/pci/drivers/mlx5_core', 'lo/queues/rx-0'])
      mkdirSync(join(root, folder), { recursive: true })
    symlinkSync('../../bus/pci/drivers/mlx5_core', join(root, 'eth0', 'device', 'driver'))
    symlinkSync('../../bus/pci', join(root, 'eth0', 'device', 'subsystem'))
    expect(nicFacts(root)).toEqual([{ name: 'eth0', driver: 'mlx5_core', bus: 'pci', rxQueues: 2, txQueues: 1 }])
    expect(nicFacts(join(root, 'none'))).toEqual([])
  } finally {
    rmSync(root, { recursive: true })
  }
})
