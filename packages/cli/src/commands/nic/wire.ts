import type { CaptureSink, CaptureSource } from '@netkit/netlink'
import type { Kernel, NicInfo, WireOptions } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import type { Value } from '../../grammar/value.ts'
import { file, integer, newName, token, words } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { NotFoundError } from '../failure.ts'
import type { Session } from '../session.ts'

/** A NIC: its device name, or its number. */
export const NIC: Value<string> = {
  name: 'NIC',
  allowed: 'the device name of a NIC, or its number',
  source: 'nic',
  parse: (word) => (/^[^\s/:]{1,15}$/.test(word) ? word : undefined),
}

const TAP = newName('TAP')
const TAP_NETNS = token('NETNS')
const PACE = words(['full', 'timestamps'])
export const COUNT = integer('N', 1, Number.MAX_SAFE_INTEGER)

/** What is said about a cable. */
export const wireWords = {
  wire: { value: file(), doc: 'a recording, pcap or pcapng: what it holds is received, when it is played' },
  out: { value: file(), doc: 'record what the NIC transmits, as pcapng' },
  pace: { value: PACE, doc: 'play as fast as possible (full, the default) or by the timestamps of the recording' },
  to: { value: NIC, doc: 'another NIC: a cable from one to the other' },
  tap: { value: TAP, doc: "a TAP interface of the machine, made if need be: its programs' packets (needs root)" },
  'tap-netns': {
    value: TAP_NETNS,
    doc: "the machine's network namespace that the TAP interface is in: a name or a path",
  },
} satisfies Words

const STANDARD = '-'

/** The cable that words describe; undefined if they describe none. */
export async function wireOf(
  said: ArgsOf<typeof wireWords>,
  kernel: Kernel,
  session: Session,
): Promise<WireOptions | undefined> {
  const { wire, out, pace, to, tap, 'tap-netns': namespace } = said
  const recording = wire !== undefined || out !== undefined || pace !== undefined
  if (to !== undefined) {
    if (recording || tap !== undefined)
      throw new UsageError("'to' is a cable to another NIC: it excludes 'wire', 'out', 'pace' and 'tap'")
    return { kind: 'nic', id: (await nicCalled(kernel, to)).id }
  }
  if (tap !== undefined) {
    if (recording) throw new UsageError("'tap' leads to the machine: it excludes 'wire', 'out' and 'pace'")
    return { kind: 'tap', name: tap, namespace }
  }
  if (namespace !== undefined) throw new UsageError("'tap-netns' says where an interface is: it needs 'tap' TAP")
  if (wire === undefined && out === undefined) {
    if (pace !== undefined) throw new UsageError("'pace' needs a recording to play: 'wire' FILE")
    return undefined
  }
  return {
    kind: 'capture',
    from: wire === undefined ? undefined : await sourceOf(wire, session),
    to: out === undefined ? undefined : await sinkOf(out, session),
    pace,
  }
}

/** Files are opened by the kernel where it has some; otherwise their bytes are handed over. */
export async function sourceOf(path: string, session: Session): Promise<CaptureSource> {
  const files = filesOf(session)
  return path !== STANDARD && files.absolute ? { path: files.absolute(path) } : await files.read(path)
}

export async function sinkOf(path: string, session: Session): Promise<CaptureSink> {
  const files = filesOf(session)
  if (path !== STANDARD && files.absolute) return { path: files.absolute(path) }
  const sink = await files.create(path)
  return (chunk) => void sink.write(chunk)
}

function filesOf({ context }: Session) {
  if (!context.files) throw new UsageError('there are no files here')
  return context.files
}

/** Finds a NIC by its device name or its number. */
export async function nicCalled(kernel: Kernel, name: string): Promise<NicInfo> {
  const nics = await kernel.nics.list()
  const found =
    nics.find((nic) => nic.name === name) ??
    (/^\d+$/.test(name) ? nics.find((nic) => nic.id === Number(name)) : undefined)
  if (found) return found
  const known = nics.map((nic) => nic.name).join(', ')
  throw new NotFoundError(
    `there is no NIC '${name}'; ${known ? `there are ${known}` : 'none has been added: see netkit help nic add'}`,
  )
}
