import { UsageError } from '../../grammar/usage-error.ts'
import { integer, token } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { command } from '../command.ts'
import { openPosition, placeAt, placeWords, positionWords } from './place.ts'
import { isXdp, loaded, loadedAt, openProgram, programWords, XDP_MODES } from './program.ts'

const LINK_ID = integer('ID', 1, 0x7fff_ffff)

export const detach = command({
  name: 'detach',
  summary: 'detach a program from a device, or a link',
  words: {
    prog: {
      ...programWords.prog,
      required: undefined,
      doc: 'which: an id, a name, a pin; default: the last one, or the one at the position',
    },
    dev: { ...placeWords.dev, required: undefined },
    at: { ...placeWords.at, doc: 'where' },
    link: { value: LINK_ID, doc: 'a link in place of a program: it stays, without a device' },
    ...positionWords,
  },
  notes: [
    'What a link has attached is detached by its link, or when the link goes: netkit prog links, netkit prog unpin.',
  ],
  examples: [
    ['prog detach 17 dev nk0 at primary', 'program 17'],
    ['prog detach dev nk0 at primary first', 'the one that runs first'],
    ['prog detach dev eth0 at xdp', 'the XDP program'],
    ['prog detach link 3', 'what link 3 has attached'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    if (args.link !== undefined) {
      if (args.dev !== undefined || args.prog !== undefined)
        throw new UsageError("'link' goes without a program and a device")
      await using link = await kernel.bpf.linkById(args.link)
      await link.detach()
      return
    }
    if (args.dev === undefined) throw new UsageError(`DEV is missing: ${placeWords.dev.doc}`)
    const at = placeAt(args.at)
    if (isXdp(at)) {
      const target = { device: args.dev, in: here, mode: XDP_MODES[at] }
      await using program = args.prog && (await loaded(kernel, args.prog))
      await kernel.bpf.detachXdp({ ...target, program })
      return
    }
    const place = { device: args.dev, at, in: here }
    await using program = args.prog && (await loadedAt(kernel, args.prog, place))
    await using open = await openPosition(kernel, args, place)
    await kernel.bpf.detach({ ...place, program, ...open.position })
  },
})

export const update = command({
  name: 'update',
  summary: 'put another program in the place of the one that a link has attached',
  words: {
    link: { value: LINK_ID, required: true, doc: 'the link' },
    ...programWords,
  },
  notes: ['No packet passes meanwhile without the one or the other.'],
  examples: [['prog update link 3 firewall.o set otherwise=1', 'a new version of what link 3 has attached']],
  async run(args, session) {
    const kernel = await session.kernel()
    await using opened = await openProgram(kernel, args, session)
    await using link = await kernel.bpf.linkById(args.link)
    await link.update(opened.program)
    const { id } = await opened.program.info()
    await session.entry(
      new Entry().only('link', args.link).only('id', id).say(`link ${args.link} runs program ${id} (${opened.name})`),
    )
  },
})

export const unpin = command({
  name: 'unpin',
  summary: 'take a pin away; what it held goes if nothing else holds it',
  words: { path: { value: token('PATH'), positional: true, required: true, doc: 'where something is pinned' } },
  async run({ path }, session) {
    await (await session.kernel()).bpf.unpin(path)
  },
})
