import { JournaledHardware } from '@netkit/kernel'
import {
  type CaptureSource,
  type Fault,
  IMPAIRMENT_KEYS,
  type ImpairmentOptions,
  NIC_MODELS,
  refused,
  type WireOptions,
} from '@netkit/netlink'
import { unpackList } from '../wire/attachments.ts'
import type { ArgumentReader } from './arguments.ts'
import { attached, type Call, type CallHandler, DONE, inNamespace } from './call.ts'

const NIC_ID_MAX = 0xffff_ffff
const DIRECTIONS = ['rx', 'tx'] as const
const PACES = ['full', 'timestamps'] as const

function door({ session, args }: Call) {
  const { hardware } = session.doors
  if (!hardware) throw refused(args.op, 'EOPNOTSUPP')
  return hardware
}

const journaled = (call: Call) => new JournaledHardware(call.host.journal, door(call))

/** Where frames come from: a file, or the bytes that come with the call. */
function source(call: Call, from: ArgumentReader | undefined): CaptureSource | undefined {
  if (!from) return undefined
  return from.has('attachment') ? attached(call) : { path: from.string('path') }
}

/** What is to be plugged in; undefined: nothing. */
function wireOf(call: Call): WireOptions | undefined {
  const wire = call.args.optionalObject('wire')
  if (!wire) return undefined
  const kind = wire.oneOf('kind', ['capture', 'nic', 'tap'])
  if (kind === 'nic') return { kind, id: wire.integer('id', 0, NIC_ID_MAX) }
  if (kind === 'tap') return { kind, name: wire.string('name'), namespace: wire.optionalString('namespace') }
  const to = wire.optionalObject('to')
  return {
    kind: 'capture',
    from: source(call, wire.optionalObject('from')),
    to: to && { path: to.string('path') },
    pace: wire.has('pace') ? wire.oneOf('pace', PACES) : undefined,
  }
}

/** Ranges are the kernel's business. Undefined: no impairment. */
function impairmentOf({ args }: Call): ImpairmentOptions | undefined {
  const options = args.optionalObject('options')
  const said = IMPAIRMENT_KEYS.filter((key) => options?.has(key)).map((key) => [key, options?.number(key)] as const)
  return options && Object.fromEntries(said)
}

const nicId = ({ args }: Call): number => args.integer('id', 0, NIC_ID_MAX)

/** The machine room. Source: docs/protocol.md. */
export const hardwareCalls: Readonly<Record<string, CallHandler>> = {
  'hardware.addNic': async (call) => {
    const { args } = call
    const options = {
      model: args.has('model') ? args.oneOf('model', NIC_MODELS) : undefined,
      queues: args.optionalInteger('queues'),
      name: args.optionalString('name'),
      address: args.optionalString('address'),
      id: args.optionalInteger('id', 0, NIC_ID_MAX),
      wire: wireOf(call),
    }
    const value = await inNamespace(call, ({ handle, ns }) =>
      journaled(call).addNic({ ...options, namespace: handle }, ns),
    )
    return { value }
  },
  'hardware.removeNic': async (call) => {
    await journaled(call).removeNic(nicId(call))
    return DONE
  },
  'hardware.listNics': async (call) => ({ value: { nics: await door(call).listNics() } }),
  'hardware.connectWire': async (call) => {
    await journaled(call).connectWire(nicId(call), wireOf(call))
    return DONE
  },
  'hardware.play': async (call) => {
    const { args } = call
    const options = { frames: args.optionalInteger('frames', 1), loop: args.optionalInteger('loop', 1) }
    return { value: await door(call).play(nicId(call), options) }
  },
  'hardware.progress': async (call) => ({ value: await door(call).progress(nicId(call)) }),
  'hardware.setLink': async (call) => {
    await door(call).setLink(nicId(call), call.args.optionalBoolean('up') === true)
    return DONE
  },
  'hardware.restartQueue': async (call) => {
    await door(call).restartQueue(nicId(call), call.args.integer('queue'))
    return DONE
  },
  'hardware.impair': async (call) => {
    await journaled(call).impair(nicId(call), call.args.oneOf('direction', DIRECTIONS), impairmentOf(call))
    return DONE
  },
  'hardware.impairments': async (call) => ({ value: await door(call).impairments(nicId(call)) }),
  // What it may be is checked by the door.
  'hardware.fault': async (call) => {
    if (!call.args.optionalObject('fault')) throw refused(call.args.op, 'EINVAL', 'fault: expected an object')
    await door(call).fault(call.args.raw('fault') as Fault)
    return DONE
  },
  'hardware.faults': async (call) => ({ value: { faults: await door(call).faults() } }),
  'hardware.clearFaults': async (call) => {
    await door(call).clearFaults()
    return DONE
  },
  'hardware.inject': async (call) => ({
    value: { taken: await door(call).inject(nicId(call), unpackList(attached(call))) },
  }),
}
