import { UsageError } from '../../grammar/usage-error.ts'
import { token } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { openPosition, placeAt, placeWords, positionWords } from './place.ts'
import { loadedAt, openProgram, PROGRAM, programWords, shortAt } from './program.ts'

export const attach = command({
  name: 'attach',
  summary: 'attach a program to a device, among others in order',
  words: {
    ...programWords,
    ...placeWords,
    ...positionWords,
    replace: { value: PROGRAM, doc: 'take the place of this one, which is detached' },
    pin: {
      value: token('PATH'),
      doc: 'attach by a link and pin that: it can be updated, and nobody detaches it by mistake',
    },
  },
  notes: [
    'The first program of a device runs first; one that returns next (-1) leaves the packet to those behind it. At most 63 are attached to a place.',
    'primary: packets that the primary of a pair sends, before the peer has them; peer: packets that the peer sends. ingress, egress: what any device receives or sends.',
  ],
  examples: [
    ['prog attach firewall.o dev nk0 at primary', 'load it and attach it'],
    ['prog attach count.o program count dev nk0 at peer first', 'before all that are there'],
    ['prog attach 17 dev eth0 at ingress after 12 revision 4', 'behind program 12, unless the list has changed'],
    ['prog attach nat.o program snat dev eth0 at egress pin /sys/fs/bpf/snat', 'by a link that is pinned'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    await using opened = await openProgram(kernel, args, session)
    const { program } = opened
    const at = placeAt(args.at, opened.at)
    const place = { device: args.dev, at, in: here }
    await using open = await openPosition(kernel, args, place)
    const target = { ...place, ...open.position }
    const { id } = await program.info()
    const entry = new Entry().only('id', id).only('name', opened.name).only('ifname', args.dev).only('at', at)
    if (args.pin !== undefined || at === 'xdp') {
      if (args.replace)
        throw new UsageError("'replace' does not go with links: update the one that is there by netkit prog update")
      if (args.pin === undefined)
        throw new UsageError(
          "'pin' is missing: xdp is attached by a link, which goes with the command unless it is pinned",
        )
      await using link = await kernel.bpf.link(program, target)
      await link.pin(args.pin)
      entry.only('link', (await link.info()).id).only('pinned', args.pin)
    } else {
      await using replace = args.replace && (await loadedAt(kernel, args.replace, place))
      await kernel.bpf.attach(program, { ...target, replace })
    }
    await session.entry(entry.say(`program ${id} (${opened.name}) attached to ${args.dev} ${shortAt(at)}`))
  },
})
