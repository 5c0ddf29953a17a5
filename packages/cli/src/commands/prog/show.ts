import { ATTACH_NAMES, type AttachName } from '@netkit/bpf'
import { type Kernel, KernelError, type ProgramInfo, type Where } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { deviceName } from '../../grammar/values.ts'
import type { Column } from '../../print/columns.ts'
import { count } from '../../print/numbers.ts'
import { command } from '../command.ts'
import type { Session } from '../session.ts'
import { type Pins, readPins } from './pins.ts'
import { loaded, programWords, shortAt } from './program.ts'

const PROGRAM_HEADS: readonly Column[] = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'NAME' },
  { title: 'TAG' },
  { title: 'INSNS', right: true },
  { title: 'MAPS' },
  { title: 'RUNS', right: true },
  { title: 'NS/RUN', right: true },
  { title: 'PINNED' },
]

const LIST_HEADS: readonly Column[] = [
  { title: 'AT' },
  { title: 'REVISION', right: true },
  { title: 'POS', right: true },
  { title: 'PROG', right: true },
  { title: 'NAME' },
  { title: 'LINK', right: true },
]

export const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show the programs that are loaded, or those of a device in order',
  words: {
    prog: { ...programWords.prog, required: undefined, doc: 'only this one: an id, a name, a path where it is pinned' },
    dev: { value: deviceName(), doc: 'the programs of this device, in the order in which they run' },
  },
  notes: [
    'RUNS and NS/RUN are counted while statistics are on: see netkit prog profile; on Linux sysctl kernel.bpf_stats_enabled=1, too.',
    'With dev: of a pair the primary shows the lists of both ends. REVISION is what attach and detach take as revision.',
  ],
  examples: [
    ['prog show', 'all programs'],
    ['prog show dev nk0', 'what runs at a device, and in which order'],
  ],
  async run({ prog, dev }, session) {
    const kernel = await session.kernel()
    if (dev !== undefined) {
      if (prog !== undefined) throw new UsageError("a program and 'dev' exclude each other")
      await showDevice(kernel, dev, session)
      return
    }
    const infos: ProgramInfo[] = []
    if (prog !== undefined) {
      await using program = await loaded(kernel, prog)
      infos.push(await program.info())
    } else for await (const info of allPrograms(kernel)) infos.push(info)
    const pins = await readPins(kernel)
    await session.table(
      PROGRAM_HEADS,
      infos.map((info) => row(info, pins, session)),
      infos.map((info) => json(info, pins)),
    )
  },
})

/** All that are there when they are asked. */
export async function* allPrograms(kernel: Kernel): AsyncGenerator<ProgramInfo, void, undefined> {
  for await (const id of kernel.bpf.programIds()) {
    try {
      await using program = await kernel.bpf.program(id)
      yield await program.info()
    } catch (e) {
      if (!(e instanceof KernelError && e.code === 'ENOENT')) throw e
    }
  }
}

const perRun = ({ runCount, runTimeNs }: ProgramInfo): string =>
  runCount === 0n ? '' : (Number(runTimeNs) / Number(runCount)).toFixed(1)

const row = (info: ProgramInfo, pins: Pins, { options }: Session): string[] => [
  `${info.id}`,
  info.type,
  info.name,
  info.tag,
  `${info.xlatedBytes / 8}`,
  info.mapIds.join(','),
  info.runCount === 0n ? '' : count(info.runCount, options),
  perRun(info),
  pins.program(info.id),
]

/** With bpftool's keys. */
const json = (info: ProgramInfo, pins: Pins) => {
  const pinned = pins.program(info.id)
  return {
    id: info.id,
    type: info.type,
    name: info.name,
    tag: info.tag,
    gpl_compatible: info.gplCompatible,
    loaded_at_ns: info.loadedAt,
    uid: info.uid,
    bytes_xlated: info.xlatedBytes,
    bytes_jited: info.jitedBytes || undefined,
    map_ids: info.mapIds.length > 0 ? info.mapIds : undefined,
    btf_id: info.btfId || undefined,
    verified_insns: info.verifiedInstructions,
    run_cnt: info.runCount,
    run_time_ns: info.runTimeNs,
    pinned: pinned === '' ? undefined : pinned.split(' '),
  }
}

/** Refusals of devices that have no such list. */
const WITHOUT: ReadonlySet<string> = new Set(['ENXIO', 'EACCES', 'EOPNOTSUPP', 'EINVAL'])

async function showDevice(kernel: Kernel, device: string, session: Session): Promise<void> {
  const { in: here } = await session.where()
  const lists = Object.keys(ATTACH_NAMES).filter((at): at is AttachName => at !== 'xdp')
  const rows: string[][] = []
  const records: { at: string; revision: bigint; programs: object[] }[] = []
  for (const at of lists) {
    const found = await kernel.bpf.query({ device, at, in: here }).catch((e: unknown) => {
      if (e instanceof KernelError && WITHOUT.has(e.code)) return undefined
      throw e
    })
    if (!found || found.programs.length === 0) continue
    const names = await Promise.all(found.programs.map(({ programId }) => nameOf(kernel, programId)))
    for (const [i, { programId, linkId }] of found.programs.entries())
      rows.push([shortAt(at), `${found.revision}`, `${i}`, `${programId}`, names[i], linkId ? `${linkId}` : ''])
    const programs = found.programs.map(({ programId, linkId }, i) => ({ id: programId, name: names[i], link: linkId }))
    records.push({ at, revision: found.revision, programs })
  }
  const xdp = await xdpOf(kernel, device, here)
  for (const { at, programId } of xdp) rows.push([at, '', '', `${programId}`, await nameOf(kernel, programId), ''])
  const plain = await Promise.all(
    xdp.map(async ({ at, programId }) => ({
      at,
      programs: [{ id: programId, name: await nameOf(kernel, programId) }],
    })),
  )
  await session.table(LIST_HEADS, rows, [...records, ...plain] as never)
}

/** The XDP programs of a device, by the words for where they run. */
async function xdpOf(
  kernel: Kernel,
  device: string,
  here: Where['in'],
): Promise<readonly { readonly at: string; readonly programId: number }[]> {
  const { xdp } = (await kernel.devices.get(device, { in: here })).attrs
  const ids = { xdpgeneric: xdp?.skbProgId, xdpdrv: xdp?.drvProgId, xdpoffload: xdp?.hwProgId }
  return Object.entries(ids).flatMap(([at, programId]) => (programId === undefined ? [] : [{ at, programId }]))
}

async function nameOf(kernel: Kernel, id: number): Promise<string> {
  try {
    await using program = await kernel.bpf.program(id)
    return (await program.info()).name
  } catch (e) {
    if (e instanceof KernelError) return ''
    throw e
  }
}
