import { join } from 'node:path'
import { Kernel, openDoors } from '@netkit/kernel'
import { RT_LINK } from '@netkit/netlink'
import { routeMessage } from '@netkit/netlink/testing'
import { expect, test } from 'vitest'
import { type AttachPlace, Player } from './bpf-attach/play.ts'
import { readSequences } from './bpf-attach/sequences.ts'

const FILE = 900

/** An embedded kernel of its own. */
function place(): AttachPlace {
  const kernel = new Kernel()
  const process = kernel.createProcess()
  const { bpf: door } = openDoors(kernel, process)
  if (!door) throw new Error('an embedded kernel has a bpf door')
  const socket = kernel.openSocket({ protocol: 0, ns: process.netns, process })
  const add = (attrs: object) => socket.send(routeMessage(RT_LINK.newlink, {}, attrs, { flags: 0x605 }))
  add({ ifname: 'nk', linkinfo: { kind: 'netkit', data: { mode: 'l2', peerInfo: { ifname: 'nkp' } } } })
  add({ ifname: 'du', linkinfo: { kind: 'dummy' } })
  process.openNamespace(process.netns, FILE)
  const index = (name: string) => process.netns.names.get(name)?.ifindex ?? 0
  return { door, file: FILE, targets: { primary: index('nk'), peer: index('nkp'), dummy: index('du'), missing: 99999 } }
}

test.each(readSequences(join(import.meta.dirname, 'cases/bpf-attach')))(
  'programs are attached as on Linux, in the same order and with the same errors: $name',
  async ({ steps }) => {
    const player = new Player(place())
    await player.open()
    for (const [n, { answer, ...step }] of steps.entries()) {
      expect({ n, step, ...(await player.play(step)) }).toEqual({ n, step, ...answer })
    }
    await player.close()
  },
)
