import type { AttachName } from '@netkit/bpf'
import type { AttachTarget, Kernel, Link, Program } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { token } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { openPosition, placeAt, placeWords, positionWords } from './place.ts'
import { isXdp, loaded, loadedAt, openProgram, PROGRAM, programWords, shortAt, XDP_MODES } from './program.ts'

type Here = AttachTarget['in']

const words = {
  ...programWords,
  ...placeWords,
  ...positionWords,
  replace: { value: PROGRAM, doc: 'take the place of this one, which is detached' },
  pin: {
    value: token('PATH'),
    doc: 'attach by a link and pin that: it can be updated, and nobody detaches it by mistake',
  },
} satisfies Words

export const attach = command({
  name: 'attach',
  summary: 'attach a program to a device, among others in order',
  words,
  notes: [
    'The first program of a device runs first; one that returns next (-1) leaves the packet to those behind it. At most 63 are attached to a place.',
    'primary: packets that the primary of a pair sends, before the peer has them; peer: packets that the peer sends. ingress, egress: what any device receives or sends.',
    'xdpegress, xdpinject: what an AF_XDP application sends through a single device, and what the device sends itself, by one program each; of kernels that were started with netkit kernel start extension netkit-xdp.',
    'xdp: frames that any device receives, before all else, by the one program that it has there; xdpdrv: in the driver; xdpgeneric: on packets that the driver has handed up.',
  ],
  examples: [
    ['prog attach firewall.o dev nk0 at primary', 'load it and attach it'],
    ['prog attach count.o program count dev nk0 at peer first', 'before all that are there'],
    ['prog attach 17 dev eth0 at ingress after 12 revision 4', 'behind program 12, unless the list has changed'],
    ['prog attach drop.o dev eth0 at xdp', 'in its driver, if that runs programs'],
    ['prog attach nat.o program snat dev eth0 at egress pin /sys/fs/bpf/snat', 'by a link that is pinned'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    await using opened = await openProgram(kernel, args, session)
    const { program } = opened
    const at = placeAt(args.at, opened.at)
    const { id } = await program.info()
    const entry = new Entry().only('id', id).only('name', opened.name).only('ifname', args.dev).only('at', at)
    if (isXdp(at)) await attachToXdp(kernel, program, at, args, here, entry)
    else await attachToList(kernel, program, at, args, here, entry)
    await session.entry(entry.say(`program ${id} (${opened.name}) attached to ${args.dev} ${shortAt(at)}`))
  },
})

type Args = ArgsOf<typeof words>

/** Programs of a list, in order. */
async function attachToList(
  kernel: Kernel,
  program: Program,
  at: AttachName,
  args: Args,
  here: Here,
  entry: Entry,
): Promise<void> {
  const place = { device: args.dev, at, in: here }
  await using open = await openPosition(kernel, args, place)
  const target = { ...place, ...open.position }
  if (args.pin === undefined) {
    await using replace = args.replace && (await loadedAt(kernel, args.replace, place))
    await kernel.bpf.attach(program, { ...target, replace })
    return
  }
  if (args.replace)
    throw new UsageError("'replace' does not go with links: update the one that is there by netkit prog update")
  await using link = await kernel.bpf.link(program, target)
  await pinLink(link, args.pin, entry)
}

/** The one XDP program that a device has in a mode. */
async function attachToXdp(
  kernel: Kernel,
  program: Program,
  at: keyof typeof XDP_MODES,
  args: Args,
  here: Here,
  entry: Entry,
): Promise<void> {
  const given = (['first', 'before', 'after', 'revision'] as const).find((word) => args[word] !== undefined)
  if (given) throw new UsageError(`'${given}' does not go with ${at}: there is one program, which is replaced`)
  const target = { device: args.dev, in: here, mode: XDP_MODES[at] }
  if (args.pin === undefined) {
    await using replace = args.replace && (await loaded(kernel, args.replace))
    await kernel.bpf.attachXdp(program, { ...target, replace })
    return
  }
  if (args.replace)
    throw new UsageError("'replace' does not go with links: update the one that is there by netkit prog update")
  await using link = await kernel.bpf.link(program, { ...target, at: 'xdp' })
  await pinLink(link, args.pin, entry)
}

async function pinLink(link: Link, path: string, entry: Entry): Promise<void> {
  await link.pin(path)
  entry.only('link', (await link.info()).id).only('pinned', path)
}
