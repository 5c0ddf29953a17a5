import type { EthtoolIoctlDoor, KernelDoors } from '@netkit/netlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { linux } from '../linux.ts'
import { asRoot, onLinux, refusal } from '../testing/here.ts'
import { makePair, makePlace } from '../testing/namespace.ts'

const GRXCLSRLCNT = 0x2e
const GRXCLSRLALL = 0x30
const GDRVINFO = 0x03

let doors: KernelDoors
const open = async () => {
  doors = await linux()()
}
const ioctl: EthtoolIoctlDoor['ethtool'] = (...words) => {
  if (!doors.ethtoolIoctl) throw new Error('the door is not there')
  return doors.ethtoolIoctl.ethtool(...words)
}

function command(number: number, bytes = 192, rules = 0): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes))
  if (bytes >= 4) view.setUint32(0, number, true)
  if (bytes >= 188) view.setUint32(184, rules, true)
  return new Uint8Array(view.buffer)
}

onLinux('an ethtool ioctl', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('is refused as the device refuses it', async () => {
    await expect(ioctl('netkit-none', command(GRXCLSRLCNT))).rejects.toThrow(refusal('ENODEV'))
    await expect(ioctl('lo', command(GRXCLSRLCNT))).rejects.toThrow(refusal('EOPNOTSUPP'))
    for (const name of ['', 'x'.repeat(16)])
      await expect(ioctl(name, command(GRXCLSRLCNT))).rejects.toThrow(refusal('ENODEV'))
  })

  test('never lets the kernel write beyond the command', async () => {
    for (const bytes of [0, 3, 4, 191])
      await expect(ioctl('lo', command(GRXCLSRLCNT, bytes))).rejects.toThrow(refusal('EFAULT'))
    await expect(ioctl('lo', command(GRXCLSRLALL, 192, 2))).rejects.toThrow(refusal('EFAULT'))
    await expect(ioctl('lo', command(GRXCLSRLALL, 196, 2))).rejects.toThrow(refusal('EOPNOTSUPP')) // by lo
    await expect(ioctl('lo', command(GDRVINFO))).rejects.toThrow('is not about flow steering')
  })
})

asRoot('an ethtool ioctl in a namespace', () => {
  beforeEach(open)
  afterEach(() => doors.close())

  test('finds the devices of that namespace', async () => {
    await using place = await makePlace(doors)
    await makePair(place.route, 'steered', 'other')
    await expect(ioctl('steered', command(GRXCLSRLCNT))).rejects.toThrow(refusal('ENODEV'))
    await expect(ioctl('steered', command(GRXCLSRLCNT), place.handle)).rejects.toThrow(refusal('EOPNOTSUPP'))
  })
})
