import { Kernel as EmbeddedKernel, embedded } from '@netkit/kernel'
import type { KernelProvider, PacketDoor } from '@netkit/netlink'
import { connect, type Kernel } from 'netkit'
import { expect, test } from 'vitest'
import { type Shell, shell } from '../../testing/shell.ts'

const SETUP = [
  'netns add pod',
  'link add nk0 address 02:00:00:00:00:01 up type netkit mode l2 peer name eth0 address 02:00:00:00:00:02 netns pod up',
  'addr add 10.0.0.1/24 dev nk0',
  '-n pod addr add 10.0.0.2/24 dev eth0',
]

/** A shell and a connection to one kernel, in which `pod` can be talked to. */
async function place(): Promise<{ netkit: Shell; kernel: Kernel; provider: KernelProvider }> {
  const kernel = new EmbeddedKernel()
  const netkit = shell({ kernel })
  for (const line of SETUP) expect(await netkit(line), line).toMatchObject({ status: 0, err: '' })
  const provider = embedded({ kernel })
  return { netkit, kernel: await connect(provider), provider }
}

/** A connection of TCP: a request of 18 bytes, an answer of 3000, and its end. */
async function talk(kernel: Kernel): Promise<void> {
  const listener = await kernel.tcp.listen({ in: 'pod', address: '10.0.0.2', port: 80 })
  const client = await kernel.tcp.connect({ address: '10.0.0.2', port: 80 })
  const server = await listener.accept()
  await client.write(new Uint8Array(18))
  expect((await server.read())?.length).toBe(18)
  await server.write(new Uint8Array(3000))
  for (let got = 0; got < 3000; ) got += (await client.read())?.length ?? 0
  await Promise.all([client.close(), server.close()])
  await listener.close()
}

/** The doors of a kernel, and when the first capture is open. */
function untilCapture(provider: KernelProvider): { provider: KernelProvider; open: Promise<void> } {
  let opened: (() => void) | undefined
  const open = new Promise<void>((resolve) => {
    opened = resolve
  })
  const tellingProvider: KernelProvider = async () => {
    const doors = await provider()
    const packets: PacketDoor = {
      async capture(options) {
        const capture = await doors.packets!.capture(options)
        opened?.()
        return capture
      },
      transmit: (...words) => doors.packets!.transmit(...words),
    }
    return Object.create(doors, { packets: { value: packets } }) as typeof doors
  }
  return { provider: tellingProvider, open }
}

/** What a command prints that is running while the connection is made. */
async function during(line: string): Promise<string> {
  const { netkit, kernel, provider } = await place()
  const { provider: telling, open } = untilCapture(provider)
  const shown = netkit(line, { kernel: telling })
  await open
  await talk(kernel)
  const { out, status } = await shown
  await kernel.close()
  expect(status).toBe(0)
  return out
    .replaceAll(/\d\d:\d\d:\d\d\.\d+ /g, '')
    .replaceAll(/10\.0\.0\.1\.\d+/g, '10.0.0.1.PORT')
    .replaceAll(/packet \d+/g, 'packet N')
}

test('a connection is captured from its first segment on', async () => {
  expect(await during("capture nk0 -f 'tcp port 80' -c 6")).toBe(
    [
      'nk0 TCP 10.0.0.1.PORT > 10.0.0.2.80 [S], length 74',
      'nk0 TCP 10.0.0.2.80 > 10.0.0.1.PORT [S.], length 74',
      'nk0 TCP 10.0.0.1.PORT > 10.0.0.2.80 [.], length 66',
      'nk0 TCP 10.0.0.1.PORT > 10.0.0.2.80 [P.], length 84',
      'nk0 TCP 10.0.0.2.80 > 10.0.0.1.PORT [.], length 66',
      'nk0 TCP 10.0.0.2.80 > 10.0.0.1.PORT [P.], length 3066',
      '',
    ].join('\n'),
  )
})

test('as many packets are traced as were asked for, to the end of each, though no other comes', async () => {
  expect(await during("trace -c 2 'tcp port 80 and tcp[tcpflags] & tcp-fin != 0'")).toBe(
    [
      'packet N: TCP 10.0.0.1.PORT > 10.0.0.2.80 [F.], length 66',
      '  nk0 sends',
      '  pod/eth0 receives',
      'packet N: TCP 10.0.0.2.80 > 10.0.0.1.PORT [F.], length 66',
      '  pod/eth0 sends',
      '  nk0 receives',
      '',
    ].join('\n'),
  )
})

test('no segment of a connection that ends in order is dropped', async () => {
  expect(await during("trace -c 11 'tcp port 80'")).not.toContain('drop')
})
