import { ATTACH_TYPE, assemble, EXTENSION_ATTACH_TYPE, encode } from '@netkit/bpf'
import { COPY, Kernel as EmbeddedKernel, embedded, simulatedWorld } from '@netkit/kernel'
import { KernelError } from '@netkit/netlink'
import { type BpfMap, connect, FrameBatch, type Kernel, type Program, type XskOptions, type XskSocket } from 'netkit'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

/*
 * Programs at the XDP layer of a single device, beyond Linux. Source: spec 03 §8.
 */

const { xdpNetkitEgress: EGRESS, xdpNetkitInject: INJECT } = EXTENSION_ATTACH_TYPE
const [ABORTED, DROP, PASS, TX] = [0, 1, 2, 3]
const APPLICATION = [2, 0, 0, 0, 0, 1]

let machine: EmbeddedKernel
let kernel: Kernel
let nic: number
let sent: Uint8Array[]
let sockets: BpfMap

/** A NIC with all traffic on a queue that a single device in a pod leases. */
async function lab(extensions: readonly string[] = ['netkit-xdp']): Promise<void> {
  machine = new EmbeddedKernel({ extensions, world: simulatedWorld() })
  kernel = await connect(embedded({ kernel: machine }))
  sent = []
  const transmit = (bytes: Uint8Array) => void (bytes[12] === 0x88 && sent.push(bytes.slice()))
  nic = (await kernel.nics.add({ name: 'eth0', wire: { kind: 'function', transmit } })).id
  await kernel.devices.set('eth0', { up: true })
  await kernel.leases.addDevice({
    name: 'nk0',
    up: true,
    data: { mode: 'l2' },
    lessor: { device: 'eth0', queues: [0] },
  })
  sockets = await kernel.bpf.createMap({ type: 'xskmap', keySize: 4, valueSize: 4, maxEntries: 4 })
}

beforeEach(() => lab())

afterEach(async () => {
  const { packets } = machine.path
  await kernel.close()
  expect([packets.buffers.inUse, packets.table.inUse, packets.fragments.inUse]).toEqual([0, 0, 0])
})

const open = async (options: Partial<XskOptions> = {}): Promise<XskSocket> => {
  const sizes = { rx: 16, tx: 16, fill: 16, completion: 16, chunks: 32 }
  const socket = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', ...sizes, ...options })
  await sockets.update(0, socket.fd)
  return socket
}

const load = (attachType: number, code: string, options = {}): Promise<Program> =>
  kernel.bpf.loadProgram(encode(assemble(code)), { type: 'xdp', attachType, ...options })

const at = (place: 'xdp_netkit_egress' | 'xdp_netkit_inject', device = 'nk0') => ({ device, at: place }) as const

const egress = async (code: string) => {
  const program = await load(EGRESS, code)
  await kernel.bpf.attach(program, at('xdp_netkit_egress'))
  return program
}
const inject = async (code: string) => {
  const program = await load(INJECT, code)
  await kernel.bpf.attach(program, at('xdp_netkit_inject'))
  return program
}
const answers = (action: number) => `r0 = ${action}; exit`
const toSocket = () => `r1 = map[fd:${sockets.fd}]; r2 = 0; r3 = 0; call redirect_map; exit`

/** An Ethernet frame of a protocol that nobody else speaks. */
const frame = (n: number, length = 64): Uint8Array => {
  const bytes = new Uint8Array(length).fill(n)
  bytes.set([255, 255, 255, 255, 255, 255, ...APPLICATION, 0x88, 0xb5])
  return bytes
}

/** Sends as the application; what the kernel said. `into`: bytes into the chunk. */
function send(socket: XskSocket, frames: readonly Uint8Array[], into = 256): number {
  const batch = new FrameBatch(frames.length)
  socket.rings.allocate(batch)
  for (const [n, bytes] of frames.entries()) {
    batch.offsets[n] += into
    batch.lengths[n] = bytes.length
    socket.rings.umem.set(bytes, batch.offsets[n])
  }
  socket.rings.send(batch)
  return socket.rings.kick()
}

/** Sends out of the device's own stack. */
const sendSkb = (...frames: Uint8Array[]) => kernel.transmit('nk0', frames)

function received(socket: XskSocket): Uint8Array[] {
  const batch = new FrameBatch(16)
  socket.rings.receive(batch)
  const { umem } = socket.rings
  const frames = Array.from({ length: batch.count }, (_, n) =>
    umem.slice(batch.offsets[n], batch.offsets[n] + batch.lengths[n]),
  )
  socket.rings.release(batch)
  return frames
}

const counters = async () => {
  const { stats } = await kernel.devices.get('nk0', { stats: true })
  const { rxPackets = 0n, rxBytes = 0n, rxDropped = 0n, txPackets = 0n, txBytes = 0n, txDropped = 0n } = stats ?? {}
  return { rxPackets, rxBytes, rxDropped, txPackets, txBytes, txDropped }
}

const code = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return 'ok'
  } catch (error) {
    if (error instanceof KernelError) return error.code
    throw error
  }
}

const nicSent = async () => (await kernel.devices.get('eth0', { stats: true })).stats?.txPackets
const umemCopies = () => machine.path.packets.memory.copies.bytes[COPY.umem]
const hook = async (name: 'egress' | 'inject') => (await kernel.devices.get('nk0')).netkitXdp?.[name]

describe('what an application sends', () => {
  test.each([
    [TX, 'tx', 3],
    [DROP, 'drop', 0],
    [ABORTED, 'aborted', 0],
    [17, 'aborted', 0],
  ])('verdict %i, %s: %i of three frames leave, and every chunk comes back', async (action, counter, leave) => {
    using socket = await open()
    await egress(answers(action))
    const { count } = socket.rings.free
    const copies = umemCopies()
    expect(send(socket, [frame(1), frame(2), frame(3)])).toBe(0)
    expect(sent).toEqual([frame(1), frame(2), frame(3)].slice(0, leave))
    expect([socket.rings.reap(), socket.rings.free.count]).toEqual([3, count])
    expect(await counters()).toMatchObject({ rxPackets: 0n, rxDropped: 0n })
    expect(await hook('egress')).toMatchObject({ tx: 0n, pass: 0n, drop: 0n, redirect: 0n, aborted: 0n, [counter]: 3n })
    expect(umemCopies()).toBe(copies)
  })

  test('is handed up to the own stack by PASS, as a copy, and does not leave', async () => {
    using socket = await open()
    await egress(answers(PASS))
    const [copies, left] = [umemCopies(), await nicSent()]
    send(socket, [frame(1), frame(2, 100)])
    expect(socket.rings.reap()).toBe(2)
    expect(await counters()).toMatchObject({ rxPackets: 2n, rxBytes: 164n })
    expect([sent.length, await nicSent()]).toEqual([0, left])
    expect(umemCopies() - copies).toBe(164)
    expect(await hook('egress')).toMatchObject({ pass: 2n, passErr: 0n })
  })

  test('is not handed up when it is longer than the device takes, or while that is down', async () => {
    using socket = await open()
    await egress(answers(PASS))
    const tagged = frame(1, 1518)
    tagged.set([0x81, 0, 0, 5, 0x88, 0xb5], 12)
    const before = (await counters()).rxDropped
    send(socket, [frame(1, 1514), frame(2, 1515), tagged])
    expect(socket.rings.reap()).toBe(3)
    expect((await counters()).rxPackets).toBe(2n)
    expect((await hook('egress'))?.pass).toBe(3n)
    // The stack drops what it has no protocol for, too: two of the three.
    expect((await counters()).rxDropped - before).toBe(3n)
  })

  test('gets its chunks back in the order in which it sent them, whatever becomes of them', async () => {
    using socket = await open()
    await egress(
      'r2 = *(u32 *)(r1 + 0); r3 = *(u32 *)(r1 + 4); r4 = r2; r4 += 20; r0 = 0; if r4 > r3 goto out; r0 = *(u8 *)(r2 + 19); out: exit'.replace(
        'out: ',
        '\nout: ',
      ),
    )
    const batch = new FrameBatch(4)
    socket.rings.allocate(batch)
    const chunks = [...batch.chunks]
    for (const [n, action] of [PASS, TX, DROP, TX].entries()) {
      batch.lengths[n] = 64
      socket.rings.umem.set(frame(action), batch.offsets[n])
    }
    socket.rings.send(batch)
    expect(socket.rings.kick()).toBe(0)
    expect(sent).toEqual([frame(TX), frame(TX)])
    socket.rings.reap()
    // The pile gives back last what it got first.
    socket.rings.allocate(batch)
    expect([...batch.chunks]).toEqual(chunks.reverse())
  })

  test('can be changed, and its ends moved within the chunk', async () => {
    using socket = await open()
    await egress(
      `
      r6 = r1; r2 = -4; call xdp_adjust_head; if r0 != 0 goto bad
      r1 = r6; r2 = 6; call xdp_adjust_tail; if r0 != 0 goto bad
      r2 = *(u32 *)(r6 + 0); r3 = *(u32 *)(r6 + 4); r4 = r2; r4 += 18; if r4 > r3 goto bad
      r5 = 0x88; *(u8 *)(r2 + 12) = r5; r5 = 0xb5; *(u8 *)(r2 + 13) = r5
      r0 = 3; exit
      bad: r0 = 0; exit`.replace('bad: ', 'bad:\n'),
    )
    send(socket, [frame(9)])
    expect(sent.map((bytes) => bytes.length)).toEqual([74])
    // Not beyond its start: the frame lies there.
    send(socket, [frame(9)], 0)
    expect(sent.length).toBe(1)
    expect(await hook('egress')).toMatchObject({ tx: 1n, aborted: 1n })
  })

  test('is redirected to a socket of the same queue, or to a device', async () => {
    using socket = await open()
    using other = await kernel.xsk.open({ device: 'nk0', queue: 1, share: socket, rx: 16 })
    await sockets.update(0, other.fd)
    const program = await egress(toSocket())
    other.rings.refill()
    send(socket, [frame(1)])
    expect(received(other)).toEqual([frame(1)])
    expect(sent).toEqual([])
    const { ifindex } = await kernel.devices.get('eth0')
    const onward = await load(EGRESS, `r1 = ${ifindex}; r2 = 0; call redirect; exit`)
    await kernel.bpf.attach(onward, { ...at('xdp_netkit_egress'), replace: program })
    send(socket, [frame(2)])
    expect(sent).toEqual([frame(2)])
    expect(await hook('egress')).toMatchObject({ redirect: 2n, redirectErr: 0n })
    await sockets.delete(0)
    await kernel.bpf.detach(at('xdp_netkit_egress'))
    await egress(toSocket())
    send(socket, [frame(3)])
    expect(await hook('egress')).toMatchObject({ aborted: 1n })
  })

  test('is not seen in copy mode', async () => {
    await egress(answers(DROP))
    using socket = await open({ mode: 'copy' })
    send(socket, [frame(1)])
    expect(await hook('egress')).toBeUndefined()
  })
})

describe("what the device's own stack sends", () => {
  test('reaches the application by a redirection to its socket', async () => {
    using socket = await open()
    await inject(toSocket())
    socket.rings.refill()
    const waiting = socket.readable(1000)
    await sendSkb(frame(1), frame(2, 300))
    expect(await waiting).toBe(true)
    expect(received(socket)).toEqual([frame(1), frame(2, 300)])
    expect(await counters()).toMatchObject({ txPackets: 2n, txBytes: 364n, txDropped: 0n })
    expect(await hook('inject')).toMatchObject({ redirect: 2n, redirectErr: 0n, injectOverflow: 0n })
    expect(sent).toEqual([])
  })

  test.each([
    [PASS, 'pass', 1n, 0],
    [DROP, 'drop', 0n, 0],
    [ABORTED, 'aborted', 1n, 0],
    [TX, 'tx', 0n, 1],
  ])('verdict %i, %s: %i dropped as unsent, %i on the wire', async (action, counter, dropped, onWire) => {
    await inject(answers(action))
    const before = (await counters()).txDropped
    await sendSkb(frame(1))
    expect((await counters()).txDropped).toBe(before + dropped)
    expect((await counters()).txPackets).toBe(0n)
    expect(sent).toEqual([frame(1)].slice(0, onWire))
    expect(await hook('inject')).toMatchObject({ [counter]: 1n })
  })

  test('leaves by no wire without a lease', async () => {
    await kernel.devices.add({ kind: 'netkit', name: 'nk1', data: { pairing: 'single', mode: 'l2' }, up: true })
    const program = await load(INJECT, answers(TX))
    await kernel.bpf.attach(program, at('xdp_netkit_inject', 'nk1'))
    await kernel.transmit('nk1', [frame(1)])
    const device = await kernel.devices.get('nk1')
    expect(device.netkitXdp?.inject).toMatchObject({ aborted: 1n, tx: 0n })
    expect(sent).toEqual([])
  })

  test('is lost where the socket has no chunk or no room, which its statistics tell', async () => {
    using socket = await open({ rx: 2, fill: 4 })
    await inject(toSocket())
    await sendSkb(frame(1), frame(2), frame(3))
    expect(socket.statistics()).toMatchObject({ rxRingFull: 1n, rxDropped: 0n })
    expect(received(socket)).toEqual([frame(1), frame(2)])
    await sendSkb(frame(1, 3000))
    expect(socket.statistics()).toMatchObject({ rxRingFull: 1n, rxDropped: 1n })
    expect(await counters()).toMatchObject({ txPackets: 4n, txDropped: 0n })
    using starved = await kernel.xsk.open({ device: 'nk0', queue: 1, share: socket, rx: 16 })
    await sockets.update(0, starved.fd)
    await sendSkb(...Array.from({ length: 6 }, (_, n) => frame(n)))
    expect(starved.statistics()).toMatchObject({ rxFillRingEmpty: 2n, rxDropped: 2n })
  })

  test('is refused where the socket is bound to another device, or to none any more', async () => {
    await inject(toSocket())
    const other = await kernel.xsk.open({ device: 'eth0', queue: 0, mode: 'copy' }).catch(() => undefined)
    expect(other).toBeUndefined()
    await kernel.devices.addPair({ name: 'a0', peer: { name: 'a1' }, up: true })
    using pair = await kernel.xsk.open({ device: 'a0', queue: 0, mode: 'copy' })
    await sockets.update(0, pair.fd)
    const before = (await counters()).txDropped
    await sendSkb(frame(1))
    expect((await counters()).txDropped).toBe(before + 1n)
    expect(await hook('inject')).toMatchObject({ redirect: 1n, redirectErr: 1n })
  })
})

describe('attaching', () => {
  const asXdp = async (mode?: 'native' | 'generic') => {
    const program = await load(ATTACH_TYPE.xdp, answers(PASS))
    return code(kernel.bpf.attachXdp(program, { device: 'nk0', mode }))
  }
  const attachTo = async (type: number, place: Parameters<typeof at>[0], device = 'nk0') =>
    code(kernel.bpf.attach(await load(type, answers(TX)), at(place, device)))

  test('is what Linux answers while the extension is off', async () => {
    await kernel.close()
    await lab([])
    expect(await attachTo(EGRESS, 'xdp_netkit_egress')).toBe('EINVAL')
    expect(await attachTo(INJECT, 'xdp_netkit_inject')).toBe('EINVAL')
    expect(await code(kernel.bpf.link(await load(EGRESS, answers(TX)), at('xdp_netkit_egress')))).toBe('EINVAL')
    expect(await code(kernel.bpf.query(at('xdp_netkit_egress')))).toBe('EINVAL')
    expect(await code(kernel.bpf.detach(at('xdp_netkit_egress')))).toBe('EINVAL')
    expect([await asXdp(), await asXdp('native'), await asXdp('generic')]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'ok'])
    expect((await kernel.devices.get('nk0')).netkitXdp).toBeUndefined()
  })

  test('an extension that there is not is refused', () => {
    expect(() => new EmbeddedKernel({ extensions: ['netkit-xpd'] })).toThrow("no extension 'netkit-xpd'")
  })

  test('leaves XDP itself as Linux has it', async () => {
    await egress(answers(TX))
    expect([await asXdp(), await asXdp('native'), await asXdp('generic')]).toEqual(['EOPNOTSUPP', 'EOPNOTSUPP', 'ok'])
  })

  test('refuses programs for other places, and devices that are no single netkit device', async () => {
    await kernel.devices.addPair({ name: 'a0', peer: { name: 'a1' } })
    expect(await attachTo(INJECT, 'xdp_netkit_egress')).toBe('EINVAL')
    expect(await attachTo(ATTACH_TYPE.xdp, 'xdp_netkit_egress')).toBe('EINVAL')
    expect(await attachTo(EGRESS, 'xdp_netkit_egress', 'eth0')).toBe('ENXIO')
    expect(await attachTo(EGRESS, 'xdp_netkit_egress', 'a0')).toBe('EOPNOTSUPP')
    expect(await attachTo(EGRESS, 'xdp_netkit_egress', 'a1')).toBe('EOPNOTSUPP')
    const sched = await kernel.bpf.loadProgram(encode(assemble(answers(0))))
    expect(await code(kernel.bpf.attach(sched, at('xdp_netkit_egress')))).toBe('EINVAL')
    expect(await code(kernel.bpf.link(sched, at('xdp_netkit_egress')))).toBe('EINVAL')
    const first = await load(EGRESS, answers(TX))
    expect(await code(kernel.bpf.attach(first, { ...at('xdp_netkit_egress'), first: true }))).toBe('EINVAL')
  })

  test('takes one program at a hook, which another one replaces by its name alone', async () => {
    const first = await egress(answers(TX))
    const second = await load(EGRESS, answers(DROP))
    expect(await code(kernel.bpf.attach(second, at('xdp_netkit_egress')))).toBe('EEXIST')
    expect(await code(kernel.bpf.attach(first, { ...at('xdp_netkit_egress'), replace: second }))).toBe('EEXIST')
    expect(await code(kernel.bpf.link(second, at('xdp_netkit_egress')))).toBe('EBUSY')
    await kernel.bpf.attach(second, { ...at('xdp_netkit_egress'), replace: first })
    const { programs } = await kernel.bpf.query(at('xdp_netkit_egress'))
    expect(programs).toEqual([{ programId: (await second.info()).id, linkId: undefined }])
    expect(await code(kernel.bpf.detach({ ...at('xdp_netkit_egress'), program: first }))).toBe('ENOENT')
    await kernel.bpf.detach({ ...at('xdp_netkit_egress'), program: second })
    expect((await kernel.bpf.query(at('xdp_netkit_egress'))).programs).toEqual([])
  })

  test('by a link: nobody else changes it, it moves along, and is lost with the device', async () => {
    using socket = await open()
    const drops = await load(EGRESS, answers(DROP))
    const link = await kernel.bpf.link(drops, at('xdp_netkit_egress'))
    const other = await load(EGRESS, answers(TX))
    expect(await code(kernel.bpf.attach(other, at('xdp_netkit_egress')))).toBe('EBUSY')
    expect(await code(kernel.bpf.attach(other, { ...at('xdp_netkit_egress'), replace: drops }))).toBe('EBUSY')
    expect(await code(kernel.bpf.detach(at('xdp_netkit_egress')))).toBe('EBUSY')
    expect(await code(link.update(await load(INJECT, answers(TX))))).toBe('EINVAL')
    expect(await link.info()).toMatchObject({ type: 'netkit' })
    await link.update(other)
    send(socket, [frame(1)])
    expect(sent).toEqual([frame(1)])

    await link.update(drops)
    await kernel.namespaces.create('pod')
    await kernel.devices.move('nk0', { to: 'pod' })
    const place = { ...at('xdp_netkit_egress'), in: 'pod' } as const
    expect((await kernel.bpf.query(place)).programs).toHaveLength(1)
    await kernel.devices.set('nk0', { up: true }, { in: 'pod' })
    using inPod = await kernel.xsk.open({ device: 'nk0', queue: 1, mode: 'zero-copy', in: 'pod' })
    send(inPod, [frame(2)])
    expect(sent).toEqual([frame(1)])

    await kernel.devices.remove('nk0', { in: 'pod' })
    expect(await code(link.update(other))).toBe('ENOLINK')
    await link.close()
  })
})

describe('in the middle of traffic', () => {
  test('detached, a device is again what Linux has', async () => {
    using socket = await open()
    await egress(answers(DROP))
    await inject(toSocket())
    await kernel.bpf.detach(at('xdp_netkit_egress'))
    await kernel.bpf.detach(at('xdp_netkit_inject'))
    send(socket, [frame(1)])
    const { txDropped } = await counters()
    await sendSkb(frame(2))
    expect(sent).toEqual([frame(1)])
    expect((await counters()).txDropped).toBe(txDropped + 1n)
    expect(received(socket)).toEqual([])
  })

  test.each([
    ['the device goes', () => kernel.devices.remove('nk0')],
    ['the NIC goes', () => kernel.nics.remove(nic)],
    ['the socket is closed', async (socket: XskSocket) => socket.close()],
  ])('%s while frames wait for the socket: nothing is left', async (_, end) => {
    const socket = await open()
    await inject(toSocket())
    await egress(answers(PASS))
    send(socket, [frame(1)])
    const all = Array.from({ length: 40 }, (_unused, n) => frame(n))
    await Promise.all([sendSkb(...all), end(socket), sendSkb(...all).catch(() => undefined)])
    socket.close()
  })

  test('what goes to a socket that is bound no more is dropped as unsent', async () => {
    using socket = await open()
    await inject(toSocket())
    await kernel.namespaces.create('pod')
    await kernel.devices.move('nk0', { to: 'pod' })
    await kernel.devices.set('nk0', { up: true }, { in: 'pod' })
    expect(socket.rings.kick()).toBe(-6)
    await kernel.transmit('nk0', [frame(1)], { in: 'pod' })
    const { stats, netkitXdp } = await kernel.devices.get('nk0', { in: 'pod', stats: true })
    expect(netkitXdp?.inject).toMatchObject({ redirectErr: 1n })
    expect(stats?.txPackets).toBe(0n)
  })
})

test('a trace tells what the programs of both hooks decided', async () => {
  using socket = await open()
  await egress(answers(PASS))
  await inject(toSocket())
  const capture = await kernel.capture({ devices: ['nk0'], programs: true, drops: true })
  send(socket, [frame(1)])
  await sendSkb(frame(2))
  await capture.close()
  let text = ''
  for await (const chunk of capture.read()) text += new TextDecoder('latin1').decode(chunk)
  expect(text).toContain('xdp netkit egress: program (program')
  expect(text).toContain('xdp netkit inject')
})
