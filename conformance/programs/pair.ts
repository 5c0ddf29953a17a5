import type { Kernel } from 'netkit'
import { Chance } from '../differential/chance.ts'
import { contents, fill, type Played } from './play.ts'
import type { ProgramCase } from './program-case.ts'

/** Namespaces of a pair's ends. */
export const HOST = 'programs-host'
export const POD = 'programs-pod'
/** Its devices. */
export const PRIMARY = 'nk'
export const PEER = 'nkp'
/** Frames of the cases are longer than Ethernet's. */
const MTU = 9000

/** Sends frames out of the primary, and tells what the peer received of each. */
export type Exchange = (frames: readonly Uint8Array[]) => Promise<readonly (readonly string[])[]>

/** Makes a pair whose ends are in namespaces of their own. `quiet`: sees to it that the kernel sends nothing there of its own accord. */
export async function makePair(kernel: Kernel, quiet?: (namespace: string) => Promise<void>): Promise<void> {
  for (const name of [HOST, POD]) {
    await kernel.namespaces.create(name)
    await quiet?.(name)
  }
  const peer = { name: PEER, address: '02:00:00:00:00:02', namespace: POD, mtu: MTU }
  const data = { mode: 'l2' } as const
  const { primary } = await kernel.devices.addPair({
    name: PRIMARY,
    address: '02:00:00:00:00:01',
    mtu: MTU,
    data,
    in: HOST,
    peer,
  })
  await kernel.devices.set(primary, { up: true })
  await kernel.devices.set(PEER, { up: true }, { in: POD })
}

/** Attaches the programs of a case to the pair, one after the other or in a row as the case has it, and sends frames through them. */
export async function playOnPair(
  kernel: Kernel,
  of: ProgramCase,
  object: Uint8Array,
  exchange: Exchange,
  { seed, count }: { readonly seed: number; readonly count: number },
): Promise<Played> {
  const chance = new Chance(seed)
  const file = kernel.bpf.open(object, of.object)
  for (const [name, value] of Object.entries(of.constants ?? {})) file.variables.set(name, value)
  await using loaded = await file.load()
  await fill(of, loaded, chance)
  const outcomes: string[] = []
  const rounds = of.inTurn ? [of.programs] : [...new Set(of.programs)].map((name) => [name])
  const place = { device: PRIMARY, in: HOST, at: 'netkit_primary' } as const
  for (const names of rounds) {
    for (const name of names) await kernel.bpf.attach(loaded.program(name), place)
    const seen = await exchange(Array.from({ length: count }, () => of.frame(chance)))
    outcomes.push(...seen.map((frames) => `${names.join(' ')}: ${frames.join(' ')}`))
    for (const name of names) await kernel.bpf.detach({ ...place, program: loaded.program(name) })
  }
  const maps: Record<string, readonly string[]> = {}
  for (const [name, map] of loaded.maps) if (!of.volatile?.[name]) maps[name] = await contents(map)
  return { outcomes, maps }
}
