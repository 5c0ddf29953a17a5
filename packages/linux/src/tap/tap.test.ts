import { setTimeout as sleep } from 'node:timers/promises'
import { RT_LINK, type TapDevice } from '@netkit/netlink'
import { expect, test } from 'vitest'
import { linux } from '../linux.ts'
import { asRoot, freshName, onLinux, refusal } from '../testing/here.ts'
import { makePlace, perform } from '../testing/namespace.ts'
import { linkRequest } from '../testing/requests.ts'
import { openTap } from './open.ts'

const IFF_UP = 1
const PATIENCE_MS = 5000

/** Waits for the frames that the machine sends by itself when the interface comes up. */
async function someFrame(tap: TapDevice): Promise<Uint8Array> {
  let awake: () => void = () => undefined
  tap.open(() => awake())
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; ) {
    const length = tap.receive()
    if (length > 0) return tap.received.slice(tap.offset, tap.offset + length)
    await Promise.race([new Promise<void>((resolve) => (awake = resolve)), sleep(200)])
  }
  throw new Error('nothing came')
}

asRoot('a TAP interface', () => {
  test('gives what the machine sends, and takes frames once it is up', async () => {
    await using doors = await linux()()
    await using place = await makePlace(doors)
    const tap = await openTap({ name: 'tap7', namespace: place.name })
    const memory = new WebAssembly.Memory({ initial: 1, maximum: 2, shared: true }).buffer
    new Uint8Array(memory).set([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5], 4096)
    try {
      expect(tap.receive()).toBe(0)
      expect(tap.send(memory, 4096, 60)).toBe(false)
      await perform(place.route, linkRequest(RT_LINK.newlink, { ifname: 'tap7' }, { flags: IFF_UP, change: IFF_UP }))
      expect(tap.send(memory, 4096, 60)).toBe(true)
      // IPv6 looks for routers and for others with its address.
      const frame = await someFrame(tap)
      expect([...frame.subarray(0, 2)]).toEqual([0x33, 0x33])
      expect([...frame.subarray(12, 14)]).toEqual([0x86, 0xdd])
    } finally {
      tap.close()
    }
  })

  test('goes when it is closed, and is refused to a second one', async () => {
    await using doors = await linux()()
    await using place = await makePlace(doors)
    const tap = await openTap({ name: 'tap7', namespace: place.name })
    await expect(openTap({ name: 'tap7', namespace: place.name })).rejects.toEqual(refusal('EBUSY'))
    tap.close()
    ;(await openTap({ name: 'tap7', namespace: `/run/netns/${place.name}` })).close()
  })
})

onLinux('opening a TAP interface', () => {
  test.each(['', 'sixteen-letters!'])('refuses the name "%s"', async (name) => {
    await expect(openTap({ name })).rejects.toMatchObject({ code: 'EINVAL' })
  })

  test('refuses a namespace that is not there', async () => {
    await expect(openTap({ name: 'tap7', namespace: freshName() })).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
