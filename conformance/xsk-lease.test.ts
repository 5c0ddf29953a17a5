import { existsSync, writeFileSync } from 'node:fs'
import { KernelError } from '@netkit/netlink'
import { connect, type Kernel, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BOTH_KERNELS } from './src/both-kernels.ts'

const BUS = '/sys/bus/netdevsim'
/** Number of the NIC on the bus of the machine. */
const ID = 1717
const ENETDOWN = -100
const ENXIO = -6

const code = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  }
}

/** Whether the machine can lease queues of a NIC of its own making. */
const canLease = (kernel: Kernel): boolean => existsSync(BUS) && Number.parseInt(kernel.release, 10) >= 7

// netdevsim has no AF_XDP without copies: this is what remains, and what is refused.
describe.each(BOTH_KERNELS)('AF_XDP and a lease of a queue of netdevsim on $name', ({ name, open: provider }) => {
  let kernel: Kernel
  let nic: string
  let leased: boolean
  const sockets: XskSocket[] = []

  beforeEach(async ({ skip }) => {
    kernel = await connect(provider())
    leased = name === 'embedded' || canLease(kernel)
    if (!leased) skip('this Linux leases no queues, or has no netdevsim')
    if (name === 'embedded') {
      nic = (await kernel.nics.add({ name: 'nsim0', model: 'netdevsim', queues: 4 })).name
    } else {
      writeFileSync(`${BUS}/new_device`, `${ID} 1 4`)
      nic = (await kernel.devices.list()).find(({ attrs }) => attrs.parentDevName === `netdevsim${ID}`)?.name ?? ''
    }
    await kernel.devices.set(nic, { up: true })
    await kernel.leases.addDevice({ name: 'nkx0', up: true, lessor: { device: nic, queues: [1] } })
  })

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close()
    if (leased) {
      if (name === 'linux') writeFileSync(`${BUS}/del_device`, `${ID}`)
      await kernel.devices.remove('nkx0').catch(() => undefined)
    }
    await kernel.close()
  })

  const open = async (options: Partial<XskOptions> = {}): Promise<XskSocket> => {
    const sizes = { rx: 16, tx: 16, fill: 16, completion: 16, chunks: 32 }
    const socket = await kernel.xsk.open({ device: 'nkx0', queue: 1, ...sizes, ...options })
    sockets.push(socket)
    return socket
  }

  const REFUSALS: readonly (readonly [string, () => Partial<XskOptions>, string])[] = [
    ['the leased queue, copies', () => ({ mode: 'copy' }), 'ok'],
    ['the leased queue, whichever way', () => ({ mode: 'any' }), 'ok'],
    ['the leased queue, no copies: the NIC cannot', () => ({ mode: 'zero-copy' }), 'EOPNOTSUPP'],
    ['the own queue, copies', () => ({ queue: 0, mode: 'copy' }), 'ok'],
    ['the own queue, no copies', () => ({ queue: 0, mode: 'zero-copy' }), 'EOPNOTSUPP'],
    ['no such queue', () => ({ queue: 2, mode: 'copy' }), 'EINVAL'],
    ['the physical queue, copies', () => ({ device: nic, mode: 'copy' }), 'EBUSY'],
    ['the physical queue, no copies', () => ({ device: nic, mode: 'zero-copy' }), 'EBUSY'],
    ['another physical queue, copies', () => ({ device: nic, queue: 2, mode: 'copy' }), 'ok'],
    ['another physical queue, no copies', () => ({ device: nic, queue: 2, mode: 'zero-copy' }), 'EOPNOTSUPP'],
  ]
  test.each(REFUSALS)('%s', async (_, options, answer) => {
    expect(await code(open(options()))).toBe(answer)
  })

  test('two sockets on the leased queue', async () => {
    await open({ mode: 'copy' })
    expect(await code(open({ mode: 'copy' }))).toBe('EBUSY')
  })

  test('a lease of a queue that a socket has', async () => {
    await open({ device: nic, queue: 2, mode: 'copy' })
    const lease = { name: 'nkx1', lessor: { device: nic, queues: [2] } }
    expect(await code(kernel.leases.addDevice(lease))).toBe('EBUSY')
  })

  test('sends nothing from the leased queue: netkit has one transmit queue', async () => {
    const socket = await open({ mode: 'copy' })
    expect(socket.rings.kick()).toBe(0)
    await kernel.devices.set('nkx0', { up: false })
    expect(socket.rings.kick()).toBe(ENETDOWN)
  })

  test('is unbound when its device goes', async () => {
    const socket = await open({ mode: 'copy' })
    await kernel.devices.remove('nkx0')
    expect(socket.rings.kick()).toBe(ENXIO)
    expect(await socket.readable(1)).toBe(false)
  })
})
