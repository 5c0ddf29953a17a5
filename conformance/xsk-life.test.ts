import { assemble, encode } from '@netkit/bpf'
import { embedded, randomFrom } from '@netkit/kernel'
import { connect, FrameBatch, type Kernel, type XskSocket } from 'netkit'
import { expect, test } from 'vitest'

const CHUNKS = 48
const EVENTS = 400
const REDIRECTED = 9

const frame = (verdict: number): Uint8Array => {
  const bytes = new Uint8Array(64).fill(verdict)
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 0x88, 0xb5])
  return bytes
}

/** What becomes of a frame says the byte behind its header: a verdict of XDP, or 9, to the socket. */
async function attach(kernel: Kernel, socket: XskSocket): Promise<void> {
  const map = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 1 })
  await map.update(0, socket.fd)
  const code = `r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 15; r0 = 1; if r4 > r3 goto out
    r0 = *(u8 *)(r2 + 14); if r0 != ${REDIRECTED} goto out
    r1 = map[fd:${map.fd}]; r2 = 0; r3 = 1; call redirect_map
    out: exit`
  const program = await kernel.bpf.loadProgram(encode(assemble(code)), { type: 'xdp' })
  await kernel.bpf.attachXdp(program, { device: 'eth0', mode: 'native' })
}

/** An application that does one thing or another, and knows which chunks it has. */
class Application {
  readonly held = new Set<number>()
  readonly socket: XskSocket
  readonly #batch = new FrameBatch(8)

  constructor(socket: XskSocket) {
    this.socket = socket
  }

  /** Receives into its hands; fails if it is given a chunk that it has. */
  receive(): number {
    const { rings } = this.socket
    const count = rings.receive(this.#batch)
    for (let n = 0; n < count; n++) {
      const chunk = this.#batch.chunks[n]
      if (this.held.has(chunk)) throw new Error(`chunk ${chunk} was handed out twice`)
      this.held.add(chunk)
    }
    return count
  }

  /** Lets go of some of what it has, by sending it or not. */
  let(go: number, send: boolean): void {
    const { rings } = this.socket
    const batch = this.#batch
    batch.count = 0
    for (const chunk of this.held) {
      if (batch.count === Math.min(go, batch.capacity)) break
      batch.chunks[batch.count] = chunk
      batch.offsets[batch.count] = chunk + 256
      batch.options[batch.count] = 0
      // Now and then something that cannot be sent.
      batch.lengths[batch.count++] = go === 3 ? 0 : 64
    }
    for (let n = 0; n < batch.count; n++) this.held.delete(batch.chunks[n])
    if (send) rings.send(batch)
    rings.release(batch)
  }
}

test.each([1, 2, 3, 4, 5, 6])('chunks neither leak nor have two owners (seed %i)', async (seed) => {
  const chance = randomFrom(seed)
  const below = (n: number): number => chance.next() % n
  await using kernel = await connect(embedded())
  const nic = (await kernel.nics.add({ name: 'eth0', wire: { kind: 'function', transmit: () => undefined } })).id
  await kernel.devices.set('eth0', { up: true })
  await kernel.leases.addDevice({ name: 'nk0', up: true, lessor: { device: 'eth0', queues: [0] } })
  const sizes = { rx: 16, tx: 8, fill: 32, completion: 8, chunks: CHUNKS }
  using socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', ...sizes })
  await attach(kernel, socket)
  const inject = (verdicts: number[]) => kernel.doors.hardware?.inject(nic, verdicts.map(frame))
  const application = new Application(socket)
  for (let n = 0; n < EVENTS; n++) {
    const what = below(10)
    if (what < 4) {
      await inject(Array.from({ length: 1 + below(20) }, () => [REDIRECTED, REDIRECTED, 0, 1, 2, 3, 4, 77][below(8)]))
    } else if (what < 6) application.receive()
    else if (what < 9) application.let(1 + below(8), what < 8)
    else if (below(8) === 0) {
      const device = below(2) === 0 ? 'nk0' : 'eth0'
      await kernel.devices.set(device, { up: false })
      await kernel.devices.set(device, { up: true })
    }
    expect(application.held.size).toBeLessThanOrEqual(CHUNKS)
  }
  // In the end the application asks for all of them, and there they are.
  for (let n = 0; n < 40 && application.held.size < CHUNKS; n++) {
    socket.rings.kick()
    socket.rings.reap()
    socket.rings.refill()
    await inject(Array.from({ length: 8 }, () => REDIRECTED))
    while (application.receive() > 0);
  }
  expect([...application.held].sort((a, b) => a - b)).toEqual(Array.from({ length: CHUNKS }, (_, n) => n * 2048))
  await inject([REDIRECTED])
  expect(application.receive()).toBe(0)
})
