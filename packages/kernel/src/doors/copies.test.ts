import { expect, it } from 'vitest'
import { ProviderLab, tcpFrame } from '../testing/provider-lab.ts'
import { openDoors } from './open.ts'

it('tells what was copied where, and that hardware wrote payload once', async () => {
  const lab = new ProviderLab()
  lab.open()
  const doors = openDoors(lab.kernel, lab.root)
  const frame = tcpFrame(1000)
  const [handle] = lab.receive(frame)
  expect(await doors.copies?.read()).toEqual([
    { device: lab.nic.name, reason: 'wireIn', bytes: frame.length, copies: 2 },
  ])
  lab.packets.free(handle)
})
