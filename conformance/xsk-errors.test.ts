import { connect, type Kernel, type Namespace } from 'netkit'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BOTH_KERNELS } from './src/both-kernels.ts'
import { XskLab } from './xsk-errors/lab.ts'
import { ROWS } from './xsk-errors/rows.ts'

/** Whether a release is older than another, by its first two numbers. */
function isOlder(release: string, than: string): boolean {
  const [a, b] = [release, than].map((one) => one.split('.').map((part) => Number.parseInt(part, 10)))
  return a[0] < b[0] || (a[0] === b[0] && a[1] < b[1])
}

describe.each(BOTH_KERNELS)('AF_XDP on $name', ({ name, open }) => {
  let kernel: Kernel
  let namespace: Namespace
  let lab: XskLab
  const place = `netkit-xsk-${process.pid}`

  beforeAll(async () => {
    kernel = await connect(open())
    await kernel.namespaces.create(place)
    for (const [one, other] of [
      ['v0', 'v1'],
      ['down0', 'down1'],
    ]) {
      const data = { peer: { ifname: other } }
      await kernel.devices.addRaw({ ifname: one, linkinfo: { kind: 'veth', data } }, { in: place })
    }
    for (const dev of ['lo', 'v0', 'v1']) await kernel.devices.set(dev, { up: true }, { in: place })
    namespace = await kernel.namespaces.open(place)
  })

  afterAll(async () => {
    await namespace.close()
    await kernel.namespaces.remove(place)
    await kernel.close()
  })

  beforeEach(async () => {
    const devices = await Promise.all(['lo', 'v0', 'v1', 'down0'].map((dev) => kernel.devices.get(dev, { in: place })))
    lab = new XskLab(kernel, namespace.handle, new Map(devices.map((dev) => [dev.name, dev.ifindex])))
  })

  afterEach(() => lab.close())

  test.each(ROWS)('$name', ({ run, answers, before }) => {
    const old = before && name === 'linux' && isOlder(kernel.release, before.release)
    lab.patient = name === 'linux' && answers !== 'EBUSY'
    expect(lab.try(() => run(lab))).toBe(old ? before.answers : answers)
  })
})
