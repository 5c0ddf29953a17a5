import { type BpfDoor, type BpfMemory, type BpfRing, KernelError, refused } from '@netkit/netlink'
import { packList } from '../wire/attachments.ts'
import { type Call, type CallHandler, DONE, inNamespace, type Returned } from './call.ts'

function doorOf({ session, args }: Call): BpfDoor {
  const { bpf } = session.doors
  if (!bpf) throw refused(args.op, 'EOPNOTSUPP')
  return bpf
}

/** The client's memory: where each attachment behind the first one seems to lie. */
function memoryOf({ args, attachments }: Call): BpfMemory[] {
  const addresses = args.optionalStrings('memory') ?? []
  if (attachments.length !== addresses.length + 1)
    throw refused(args.op, 'EINVAL', `expected ${addresses.length + 1} attachments, got ${attachments.length}`)
  return addresses.map((address, i) => {
    if (!/^[0-9a-f]{1,16}$/.test(address)) throw refused(args.op, 'EINVAL', 'memory: expected hexadecimal addresses')
    return { address: BigInt(`0x${address}`), bytes: new Uint8Array(attachments[i + 1]) }
  })
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])

/** Refusals are told as results, because what the kernel wrote before it refused goes with them. */
async function call(call: Call): Promise<Returned> {
  const door = doorOf(call)
  const memory = memoryOf(call)
  const attr = new Uint8Array(call.attachments[0])
  const result = await inNamespace(call, ({ handle }) =>
    door.call(call.args.integer('command'), attr, { memory, namespace: handle }).catch((error: unknown) => {
      if (error instanceof KernelError) return -error.errno
      throw error
    }),
  )
  const changed = memory.flatMap(({ bytes }, i) => (equal(bytes, call.attachments[i + 1]) ? [] : [i]))
  return { value: { result, changed }, attachments: [attr, ...changed.map((i) => memory[i].bytes)] }
}

const openRing = async (call: Call): Promise<Returned> => ({
  value: { ring: keepRing(call, await doorOf(call).ring(call.args.integer('fd'))) },
})

async function openPerfBuffer(call: Call): Promise<Returned> {
  const { args } = call
  const options = { cpu: args.integer('cpu'), pages: args.integer('pages') }
  const buffer = await doorOf(call).perfBuffer(options)
  return { value: { ring: keepRing(call, buffer), fd: buffer.fd } }
}

/** The number under which a client reads it. */
function keepRing({ session: { rings } }: Call, ring: BpfRing): number {
  const number = 1 + Math.max(0, ...rings.keys())
  rings.set(number, ring)
  return number
}

function ringOf({ session, args }: Call) {
  const ring = session.rings.get(args.integer('ring'))
  if (!ring) throw refused(args.op, 'EBADF', 'no ring buffer is read under this number')
  return ring
}

/** The bpf door. Source: docs/protocol.md. */
export const bpfCalls: Readonly<Record<string, CallHandler>> = {
  'bpf.call': call,
  'bpf.close': async (one) => {
    await doorOf(one).closeFile(one.args.integer('fd'))
    return DONE
  },
  'bpf.pins': async (one) => ({ value: { paths: await doorOf(one).pins.list() } }),
  'bpf.unpin': async (one) => {
    await doorOf(one).pins.remove(one.args.string('path'))
    return DONE
  },
  'bpf.ring': openRing,
  'bpf.perf': openPerfBuffer,
  'bpf.trace': async (one) => ({ value: { ring: keepRing(one, await doorOf(one).tracePipe()) } }),
  'bpf.ring.next': async (one) => ({ attachments: [packList(await ringOf(one).next())] }),
  'bpf.ring.close': async (one) => {
    const ring = ringOf(one)
    one.session.rings.delete(one.args.integer('ring'))
    await ring.close()
    return DONE
  },
}
