import { writeSync } from 'node:fs'
import { parentPort, Worker } from 'node:worker_threads'
import { type KernelDoors, NETLINK_ROUTE, type NetlinkDoor, type NetlinkSocketOptions, RT_LINK } from '@netkit/netlink'
import { calls } from '../ffi/calls.ts'
import { linux } from '../linux.ts'
import { inNamespace } from '../namespaces/switch.ts'
import { currentNamespace, openDescriptors, threads } from './descriptors.ts'
import { linkRequest, nextOf, readTypes } from './requests.ts'
import { forbid, type SystemCall } from './seccomp.ts'

/**
 * A program of its own for tests of what concerns a whole process. Words: who to be (`root` or `nobody`), system calls to
 * forbid (`setns,mount`, or `-`), what to do, and the name of a namespace. Prints what came of it as JSON.
 */
const [who, forbidden, what, name = ''] = process.argv.slice(2)

type Deed = (doors: KernelDoors) => Promise<unknown>

const route = (doors: KernelDoors, options: Partial<NetlinkSocketOptions> = {}): Promise<NetlinkDoor> =>
  doors.netlink({ protocol: NETLINK_ROUTE, ...options })

const getLo = () => linkRequest(RT_LINK.getlink, {}, { ifindex: 1 })

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

const deeds: Readonly<Record<string, Deed>> = {
  async ask(doors) {
    const socket = await route(doors)
    await socket.send(getLo())
    return readTypes(socket, 2)
  },
  create: (doors) => doors.namespaces.create(name),
  remove: (doors) => doors.namespaces.remove(name),
  open: async (doors) => void (await doors.namespaces.open({ name })),
  openOfInit: async (doors) => void (await doors.namespaces.open({ pid: 1 })),
  openSocketIn: async (doors) => void (await route(doors, { namespace: await doors.namespaces.open({ name }) })),
  async listen(doors) {
    const socket = await route(doors, { namespace: await doors.namespaces.open('current'), receiveBuffer: 1 << 30 })
    await socket.join(1)
  },
  listenToAll: async (doors) => void (await route(doors, { listenAllNsid: true })),

  /** Closes nothing, after something was awaited. */
  async leaveOpen() {
    const socket = await route(await linux()())
    const answer = readTypes(socket, 2)
    await pause(10)
    await socket.send(getLo())
    return answer
  },
  /** Waits for what does not come, and leaves. */
  async exitWaiting(doors) {
    void nextOf(await route(doors))
    await pause(50)
    process.exit(7)
  },
  /** What fifty readers that wait cost: microseconds of processor time in a second, and threads. */
  async idle(doors) {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => route(doors)))
    const before = threads()
    for (const socket of sockets) void nextOf(socket)
    await pause(200)
    const start = process.cpuUsage()
    await pause(1000)
    const { user, system } = process.cpuUsage(start)
    return { microseconds: user + system, threads: threads() - before }
  },
  async wait(doors) {
    void nextOf(await route(doors))
    await pause(20)
    parentPort?.postMessage('waiting')
    await pause(60_000)
  },
  /** Ends a worker that waits, and asks on. */
  async stopWorker(doors) {
    const worker = new Worker(new URL(import.meta.url), { argv: ['root', '-', 'wait'] })
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject))
    const status = await worker.terminate()
    await deeds.ask(doors)
    return status
  },
  /** Is kept from coming back once it is elsewhere, and tries to go on. */
  async lose(doors) {
    const c = await calls()
    const handle = await doors.namespaces.open({ name })
    const told: string[] = []
    const note = (e: unknown) => told.push((e as Error).name)
    try {
      inNamespace(c, handle.fd, 'look around', () => forbid(['setns']))
    } catch (e) {
      note(e)
    }
    await route(doors, { namespace: handle }).catch(note)
    print(`${JSON.stringify(told)}\n`)
    await pause(1000)
  },
}

/** At once, and without asking what standard output is: that may be forbidden by now. */
const print = (text: string) => writeSync(1, text)

async function main(): Promise<void> {
  await calls()
  if (who === 'nobody') {
    process.setgid?.(65534)
    process.setuid?.(65534)
  }
  if (forbidden !== '-') forbid(forbidden.split(',') as SystemCall[])
  const before = [openDescriptors(), currentNamespace()]
  const doors = await linux()()
  const outcome = await deeds[what](doors).then(
    (value) => ({ value: value ?? 'done' }),
    (e) => ({ code: e.code ?? e.name, message: e.message }),
  )
  await doors.close()
  const after = [openDescriptors(), currentNamespace()]
  print(`${JSON.stringify({ ...outcome, leaked: after[0] !== before[0], moved: after[1] !== before[1] })}\n`)
}

await main()
