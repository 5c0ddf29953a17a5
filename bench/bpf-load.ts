/**
 * What it takes to load a program, from its bytes to a descriptor: verification alone, and all of it through the embedded kernel's bpf
 * door, beside BPF_PROG_LOAD of the machine's kernel, which verifies and compiles, too. Nobody wants a log.
 */
import { readFileSync } from 'node:fs'
import {
  BPF_COMMANDS,
  type BpfObject,
  decode,
  encode,
  linkProgram,
  makeStruct,
  openObject,
  PROG_TYPE,
  type Resolved,
  type VerifyInput,
  verify,
} from '@netkit/bpf'
import { Kernel, openDoors, simulatedWorld } from '@netkit/kernel'
import { buildObject } from './harness/bpf-object.ts'
import { Peer } from './harness/peer.ts'
import { elapsed, elapsedAsync, inTurns, report, sized, skip } from './harness/suite.ts'

const ROUNDS = sized(15, 2)
const WARM_UP = sized(4, 1)
/** Loads of a round, of which the fastest counts, on both sides. */
const LOADS = sized(12, 2)
/** Loads before anything is measured: code that verifies is warm in a program that verifies many. */
const WARM_LOADS = sized(40, 1)
/** How many times longer than the kernel's own loading verification may take. */
const LIMIT = 5

const PROGRAMS = ['empty', 'classify', 'acl_table', 'filter', 'nat', 'vxlan', 'siphash', 'large']

/** A program with the numbers of its maps where their descriptors belong. */
interface Loadable {
  readonly name: string
  readonly bytes: Uint8Array
  /** Slots that refer to maps, and to which. */
  readonly slots: readonly (readonly [number, string])[]
  readonly input: VerifyInput
}

function loadable(object: BpfObject, name: string): Loadable {
  const program = object.programs.find((one) => one.name === name)
  if (!program) throw new Error(`no program ${name}`)
  const { code, references } = linkProgram(object, program)
  const resolved = new Map<number, Resolved>()
  const slots: [number, string][] = []
  for (const reference of references) {
    if (reference.kind !== 'map') throw new Error(`${name}: reference to a ${reference.kind}`)
    const map = object.maps[reference.map]
    slots.push([reference.slot, map.variable])
    resolved.set(reference.slot, { kind: 'map', map })
  }
  const bytes = encode(code)
  for (const [slot] of slots) bytes[slot * 8 + 1] = (bytes[slot * 8 + 1] & 0xf) | (1 << 4)
  const loader = { gpl: true, perfmon: true, strictAlignment: false, attachType: 0 }
  const input = {
    code: decode(bytes),
    programType: PROG_TYPE.schedCls,
    ...loader,
    resolved,
    lines: new Map(),
    logLevel: 0,
  }
  return { name, bytes, slots, input }
}

/** The embedded kernel's bpf door, and the maps of an object behind it. */
async function openKernel(object: BpfObject) {
  const kernel = new Kernel({ world: simulatedWorld() })
  const { bpf } = openDoors(kernel, kernel.createProcess())
  if (!bpf) throw new Error('no bpf')
  const fds = new Map<string, number>()
  const { mapCreate, progLoad } = BPF_COMMANDS
  for (const { variable, type, keySize, valueSize, maxEntries, flags } of object.maps) {
    const attr = makeStruct(mapCreate.attr, { mapType: type, keySize, valueSize, maxEntries, mapFlags: flags })
    fds.set(variable, await bpf.call(mapCreate.id, attr))
  }
  const license = bpf.memory(4)
  license.bytes.set(new TextEncoder().encode('GPL'))
  return async ({ bytes, slots }: Loadable): Promise<void> => {
    const insns = bpf.memory(bytes.length)
    insns.bytes.set(bytes)
    const view = new DataView(insns.bytes.buffer, insns.bytes.byteOffset)
    for (const [slot, map] of slots) view.setInt32(slot * 8 + 4, fds.get(map) ?? -1, true)
    const attr = makeStruct(progLoad.attr, {
      progType: PROG_TYPE.schedCls,
      insnCnt: bytes.length / 8,
      insns: insns.address,
      license: license.address,
    })
    await bpf.closeFile(await bpf.call(progLoad.id, attr, { memory: [insns, license] }))
  }
}

async function measure(path: string): Promise<void> {
  const started = await Peer.start('bpf.py', path)
  const peer = typeof started === 'string' ? undefined : started
  if (typeof started === 'string') skip("the machine's own kernel", started)
  const object = openObject(new Uint8Array(readFileSync(path)))
  const load = await openKernel(object)
  for (const name of PROGRAMS) await compare(loadable(object, name), load, peer)
  await peer?.stop()
}

async function compare(program: Loadable, load: (program: Loadable) => Promise<void>, peer: Peer | undefined) {
  const { errno, looked } = verify(program.input)
  if (errno !== 0) throw new Error(`${program.name} is refused`)
  const times = async (count: number): Promise<number[]> => {
    let [verified, loaded] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    for (let i = 0; i < count; i++) {
      verified = Math.min(verified, elapsed(() => verify(program.input)) / 1e6)
      loaded = Math.min(loaded, (await elapsedAsync(() => load(program))) / 1e6)
    }
    return [verified, loaded]
  }
  await times(WARM_LOADS)
  const hex = `x${Buffer.from(program.bytes).toString('hex')}`
  const theirs = peer && (async () => [(await peer.ask('load', hex, LOADS, ...program.slots.flat())).ns / 1e6])
  const turns = await inTurns(ROUNDS, WARM_UP, () => times(LOADS), theirs)
  const what = `${program.name}: ${program.bytes.length / 8} instructions, ${looked} looked at`
  const kernel = peer && { what: "the kernel's own loading", rounds: turns.peer[0] }
  report({
    what: `verifying ${what}`,
    unit: 'ms',
    rounds: turns.ours[0],
    peer: kernel,
    ratio: kernel && { min: 1 / LIMIT },
  })
  report({ what: `loading ${program.name}`, unit: 'ms', rounds: turns.ours[1], peer: kernel })
}

const built = buildObject('examples/programs/bench/bench.c')
if ('why' in built) skip('programs', built.why)
else await measure(built.path)
