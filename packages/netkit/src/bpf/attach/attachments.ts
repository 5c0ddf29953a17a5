import { ATTACH_FLAG, BPF_COMMANDS } from '@netkit/bpf'
import type { Devices } from '../../devices/devices.ts'
import { deviceText } from '../../devices/selector.ts'
import { InputError } from '../../input/input-error.ts'
import type { BpfCalls } from '../calls.ts'
import { Link } from '../files/link.ts'
import { attachType, type Program } from '../files/program.ts'
import { type Position, positionValues } from './position.ts'
import { type AttachTarget, atDevice } from './target.ts'
import { type XdpMode, xdpModeFlags } from './xdp.ts'

export interface AttachOptions extends AttachTarget, Position {
  /** The program whose place is taken; it is not attached any more then. */
  readonly replace?: Program
}

export interface LinkOptions extends AttachTarget, Position {
  /** Of `xdp` alone, which has no position. */
  readonly mode?: XdpMode
}

export interface DetachOptions extends AttachTarget, Position {
  /** Default: the one at the position, and without a position the last one. */
  readonly program?: Program
}

const place = ({ device, at }: AttachTarget): string => `${deviceText(device)} ${at}`

const { progAttach, progDetach, linkCreate } = BPF_COMMANDS

/** Attaches a program until it is detached or the device goes. */
export async function attach(
  calls: BpfCalls,
  devices: Devices,
  program: Program,
  options: AttachOptions,
): Promise<void> {
  const { replace } = options
  const op = `attach ${program.label} to ${place(options)}`
  const { type, flags, relative, expectedRevision } = listPlace(op, options)
  await atDevice(calls, devices, options, (targetIfindex, namespace) =>
    calls.call(progAttach, {
      op,
      namespace,
      values: {
        targetIfindex,
        attachBpfFd: program.fd,
        attachType: type,
        attachFlags: flags | (replace ? ATTACH_FLAG.replace : 0),
        replaceBpfFd: replace?.fd ?? 0,
        relative,
        expectedRevision,
      },
    }),
  )
}

/** Attaches a program as long as the link is open or pinned. */
export async function link(calls: BpfCalls, devices: Devices, program: Program, options: LinkOptions): Promise<Link> {
  const op = `link ${program.label} to ${place(options)}`
  const type = attachType(op, options.at)
  const { flags, relative, expectedRevision } = positionValues(op, options)
  const { result } = await atDevice(calls, devices, options, (targetIfindex, namespace) =>
    calls.call(linkCreate, {
      op,
      namespace,
      values: {
        progFd: program.fd,
        targetIfindex,
        attachType: type,
        flags: options.at === 'xdp' ? xdpModeFlags(options.mode) : flags,
        relative,
        expectedRevision,
      },
    }),
  )
  return new Link(calls, result, place(options))
}

/** Detaches a program that no link holds. */
export async function detach(calls: BpfCalls, devices: Devices, options: DetachOptions): Promise<void> {
  const op = `detach ${options.program?.label ?? 'a program'} from ${place(options)}`
  const { type, flags, relative, expectedRevision } = listPlace(op, options)
  await atDevice(calls, devices, options, (targetIfindex, namespace) =>
    calls.call(progDetach, {
      op,
      namespace,
      values: {
        targetIfindex,
        attachBpfFd: options.program?.fd ?? 0,
        attachType: type,
        attachFlags: flags,
        relative,
        expectedRevision,
      },
    }),
  )
}

/** Only lists of programs can be changed without a link. */
function listPlace(op: string, options: AttachTarget & Position) {
  const type = attachType(op, options.at)
  if (options.at === 'xdp') throw new InputError(op, 'at', 'xdp has no list of programs: use a link, or attachXdp')
  return { type, ...positionValues(op, options) }
}
