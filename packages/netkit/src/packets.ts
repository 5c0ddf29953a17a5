import { type Capture, type CaptureOptions, type PacketDoor, refused } from '@netkit/netlink'
import { select } from './devices/selector.ts'
import { InputError, shown } from './input/input-error.ts'
import type { NamespaceTarget } from './places/namespace.ts'
import type { Places } from './places/places.ts'

/** What to capture. `devices`: names, default all. `snapLength`: bytes kept of a frame. `drops`: dropped frames too. */
export interface PacketCaptureOptions extends Omit<CaptureOptions, 'namespace'> {
  /** Default: the namespace that the client itself lives in. */
  readonly in?: NamespaceTarget
}

const MAX_SNAP = 262_144

function doorOf(places: Places, op: string): PacketDoor {
  const { doors } = places.context
  if (doors.packets) return doors.packets
  throw refused(op, 'EOPNOTSUPP', `the ${doors.kind} kernel is reached without a door for packets`)
}

/** Starts a capture; frames from then on are in it. */
export async function capture(places: Places, { in: target, ...options }: PacketCaptureOptions): Promise<Capture> {
  const op = 'capture'
  const { snapLength } = options
  if (snapLength !== undefined && (!Number.isInteger(snapLength) || snapLength < 1 || snapLength > MAX_SNAP)) {
    throw new InputError(op, 'snapLength', `must be an integer from 1 to ${MAX_SNAP}, not ${shown(snapLength)}`)
  }
  const door = doorOf(places, op)
  if (target === undefined) return await door.capture(options)
  return await places.opened(target, ({ handle }) => door.capture({ ...options, namespace: handle }))
}

/** Transmits frames on a device; resolves with how many it took. */
export async function transmit(
  places: Places,
  device: string,
  frames: readonly Uint8Array[],
  target: NamespaceTarget | undefined,
): Promise<number> {
  const op = `transmit ${device}`
  select(op, 'device', device)
  for (const [i, frame] of frames.entries()) {
    if (!(frame instanceof Uint8Array) || frame.length === 0)
      throw new InputError(op, `frames[${i}]`, `must be bytes, not ${shown(frame)}`)
  }
  const door = doorOf(places, op)
  if (target === undefined) return await door.transmit(device, frames)
  return await places.opened(target, ({ handle }) => door.transmit(device, frames, handle))
}
