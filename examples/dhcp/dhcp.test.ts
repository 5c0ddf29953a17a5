import { readFileSync } from 'node:fs'
import { embedded } from '@netkit/kernel'
import { connect, type Kernel } from 'netkit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquire, sendFrame } from './client.ts'
import { encodeFrame } from './frame.ts'
import { ADDRESS, MACHINE, makePod, POD, type Pod } from './pod.ts'
import { recordedServer } from './recorded-server.ts'

/* The walk-through of spec 03 §8.7, with the replies that a dnsmasq gave when they were recorded. */

const RECORDING = readFileSync(new URL('../captures/dhcp-relay.pcap', import.meta.url))
const XID = 0x6e6b_0001

let kernel: Kernel
let pod: Pod
let onWire: Uint8Array[]

beforeEach(async () => {
  kernel = await connect(embedded({ extensions: ['netkit-xdp'] }))
  onWire = []
  let uplink = 0
  const server = recordedServer(RECORDING, (frame) => void kernel.doors.hardware?.inject(uplink, [frame]))
  // The host's own stack sends by its NIC, too: what begins with the machine's address is the machine's.
  const keep = (frame: Uint8Array) => void (isFrom(frame, MACHINE) && onWire.push(frame.slice()))
  pod = await makePod(kernel, { kind: 'function', transmit: keep }, { kind: 'function', transmit: server })
  uplink = pod.uplink.id
})

afterEach(async () => {
  await pod[Symbol.asyncDispose]()
  await kernel.close()
})

const isFrom = (frame: Uint8Array, mac: Uint8Array): boolean => mac.every((byte, i) => frame[6 + i] === byte)
const single = () => kernel.devices.get('nk0', { in: POD, stats: true })

/** A datagram that is none of DHCP's. */
const datagram = (mac: Uint8Array): Uint8Array =>
  encodeFrame({
    from: { mac, address: Uint8Array.of(10, 9, 0, 108), port: 5000 },
    to: { mac: new Uint8Array(6).fill(255), address: new Uint8Array(4).fill(255), port: 5001 },
    payload: new TextEncoder().encode('hello'),
  })

test('an application is given an address by a server that it reaches through its own device alone', async () => {
  const before = await single()
  const lease = await acquire(pod.socket, { mac: MACHINE, xid: XID })
  expect(lease).toEqual({
    address: '10.9.0.108',
    mask: '255.255.255.0',
    router: ADDRESS,
    time: 3600,
    server: '10.8.0.2',
  })
  const after = await single()
  expect((after.stats?.rxPackets ?? 0n) - (before.stats?.rxPackets ?? 0n)).toBe(2n)
  expect(after.netkitXdp?.egress).toMatchObject({ pass: 2n, tx: 0n, drop: 0n })
  expect(after.netkitXdp?.inject).toMatchObject({ redirect: 2n, redirectErr: 0n })
  expect(onWire).toEqual([])
  const { rings } = pod.socket
  rings.reap()
  expect(pod.socket.statistics()).toMatchObject({ rxDropped: 0n, rxRingFull: 0n })
})

test('all else goes to the wire, and nothing under another address', async () => {
  const { rings } = pod.socket
  const own = datagram(MACHINE)
  sendFrame(rings, own)
  sendFrame(rings, datagram(Uint8Array.of(2, 0, 0, 0, 0, 0x43)))
  expect(onWire).toEqual([own])
  expect((await single()).netkitXdp?.egress).toMatchObject({ tx: 1n, drop: 1n, pass: 0n })
  expect(rings.reap()).toBe(1)
})

test('what the pod sends otherwise does not reach the application', async () => {
  await using socket = await kernel.udp({ in: POD, device: 'nk0', broadcast: true })
  const { txDropped = 0n, txPackets = 0n } = (await single()).stats ?? {}
  await socket.send(Uint8Array.of(1, 2, 3), { address: '255.255.255.255', port: 5001 })
  expect((await single()).stats).toMatchObject({ txDropped: txDropped + 1n, txPackets })
})

test('without the programs nobody answers, and requests leave by the wire, as in Linux', async () => {
  await kernel.bpf.detach({ device: 'nk0', in: POD, at: 'xdp_netkit_egress' })
  await kernel.bpf.detach({ device: 'nk0', in: POD, at: 'xdp_netkit_inject' })
  await expect(acquire(pod.socket, { mac: MACHINE, xid: XID, patience: 50 })).rejects.toThrow('nobody answers')
  expect(onWire).toHaveLength(1)
})
