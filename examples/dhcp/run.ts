/**
 * A virtual machine behind AF_XDP gets its address by DHCP, though its device has no way to a server but through programs at the XDP layer:
 *
 *     npx tsx examples/dhcp/run.ts              # from a recorded dnsmasq, anywhere
 *     npx tsx examples/dhcp/run.ts tap0 [NS]    # from the dnsmasq behind a TAP interface of the machine, as root: docs/extensions.md
 */
import { readFileSync } from 'node:fs'
import { embedded } from '@netkit/kernel'
import { openTap } from '@netkit/linux'
import { connect } from 'netkit'
import { acquire } from './client.ts'
import { MACHINE, makePod, POD } from './pod.ts'
import { recordedServer } from './recorded-server.ts'

const [tap, namespace] = process.argv.slice(2)
await using kernel = await connect(embedded({ extensions: ['netkit-xdp'], openTap }))
const recording = readFileSync(new URL('../captures/dhcp-relay.pcap', import.meta.url))
let uplink = 0
const server = recordedServer(recording, (frame) => void kernel.doors.hardware?.inject(uplink, [frame]))
const onWire: Uint8Array[] = []
await using pod = await makePod(
  kernel,
  { kind: 'function', transmit: (frame) => onWire.push(frame) },
  tap === undefined ? { kind: 'function', transmit: server } : { kind: 'tap', name: tap, namespace },
)
uplink = pod.uplink.id
const { address, mask, router, time, server: from } = await acquire(pod.socket, { mac: MACHINE, xid: 0x6e6b_0001 })
process.stdout.write(`${address} mask ${mask} router ${router} for ${time} s, from ${from}\n`)
const { netkitXdp } = await kernel.devices.get('nk0', { in: POD })
process.stdout.write(`egress passed ${netkitXdp?.egress?.pass}, inject redirected ${netkitXdp?.inject?.redirect}\n`)
