import { closeSync, openSync } from 'node:fs'
import { linux } from '@netkit/linux'
import { connect } from 'netkit'
import { expect, test } from 'vitest'
import { type AttachPlace, Player } from '../bpf-attach/play.ts'
import { readSequences } from '../bpf-attach/sequences.ts'

/** Recordings of `conformance/cases/bpf-attach`, which embedded kernels are held against, too. */
const FOLDER = '/host/conformance/cases/bpf-attach'

/** Plays in a namespace of its own, which goes afterwards. */
async function inPlace(act: (place: AttachPlace) => Promise<void>): Promise<void> {
  await using kernel = await connect(linux())
  await using doors = await linux()()
  if (!doors.bpf) throw new Error('Linux has a bpf door')
  const name = 'netkit-attach'
  await kernel.namespaces.create(name)
  const file = openSync('/dev/null', 'r')
  try {
    await using namespace = await doors.namespaces.open({ name })
    const { primary, peer } = await kernel.devices.addPair({
      name: 'nk',
      data: { mode: 'l2' },
      in: name,
      peer: { name: 'nkp' },
    })
    const dummy = await kernel.devices.add({ kind: 'dummy', name: 'du', in: name })
    const targets = { primary: primary.ifindex, peer: peer.ifindex, dummy: dummy.ifindex, missing: 99999 }
    await act({ door: doors.bpf, namespace, targets, file })
  } finally {
    closeSync(file)
    await kernel.namespaces.remove(name)
  }
}

test.each(readSequences(FOLDER))('programs are attached as recorded: $name', async ({ steps }) => {
  await inPlace(async (place) => {
    const player = new Player(place)
    await player.open()
    for (const [n, { answer, ...step }] of steps.entries()) {
      expect({ n, step, ...(await player.play(step)) }).toEqual({ n, step, ...answer })
    }
    await player.close()
  })
})
