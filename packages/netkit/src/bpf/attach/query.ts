import { BPF_COMMANDS } from '@netkit/bpf'
import type { Devices } from '../../devices/devices.ts'
import { deviceText } from '../../devices/selector.ts'
import type { BpfCalls } from '../calls.ts'
import { attachType } from '../files/program.ts'
import { type AttachTarget, atDevice } from './target.ts'

/** The programs at one place, in the order in which they run. */
export interface AttachedPrograms {
  /** Of the list: `expectedRevision` of changes that count on it. An empty list says 1, whatever it was. */
  readonly revision: bigint
  readonly programs: readonly {
    readonly programId: number
    /** Absent: attached without a link. */
    readonly linkId: number | undefined
  }[]
}

/** More are never attached to one place. */
const MOST = 64

/** Asks which programs a device runs. */
export async function query(calls: BpfCalls, devices: Devices, target: AttachTarget): Promise<AttachedPrograms> {
  const op = `query programs of ${deviceText(target.device)} ${target.at}`
  const type = attachType(op, target.at)
  const [programs, links] = [calls.door(op).memory(4 * MOST), calls.door(op).memory(4 * MOST)]
  const { attr } = await atDevice(calls, devices, target, (targetIfindex, namespace) =>
    calls.call(BPF_COMMANDS.progQuery, {
      op,
      namespace,
      values: {
        targetIfindex,
        attachType: type,
        count: MOST,
        progIds: programs.address,
        linkIds: links.address,
      },
      memory: [programs, links],
    }),
  )
  const idsOf = ({ bytes }: { readonly bytes: Uint8Array }, i: number): number =>
    new DataView(bytes.buffer, bytes.byteOffset).getUint32(4 * i, true)
  return {
    revision: attr.revision,
    programs: Array.from({ length: attr.count }, (_, i) => ({
      programId: idsOf(programs, i),
      linkId: idsOf(links, i) || undefined,
    })),
  }
}
