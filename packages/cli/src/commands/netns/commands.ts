import type { Kernel } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { integer, namespaceName } from '../../grammar/values.ts'
import { Entry } from '../../print/entry.ts'
import { printable } from '../../print/printable.ts'
import { command } from '../command.ts'
import { Exit } from '../failure.ts'
import { removing } from '../removing.ts'
import { namesWithIds } from './names.ts'

const NSID = integer('NETNSID', 0, 0x7fff_ffff)
const name = { value: namespaceName(), positional: true, required: true, doc: 'name of the namespace' } as const

export const add = command({
  name: 'add',
  summary: 'make a namespace',
  words: { name: { ...name, value: namespaceName('NAME', undefined) } },
  notes: ['The new namespace is empty but for a lo that is down.'],
  async run(args, session) {
    await (await session.kernel()).namespaces.create(args.name)
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'remove namespaces by name',
  words: { name: { ...name, multi: true } },
  notes: [
    'A namespace goes with its last user. What lives in it is deleted with it, and of pairs the other ends, wherever they are; NICs go back to the initial namespace. All of that is said, but whether a process still holds the namespace is not known.',
  ],
  async run(args, session) {
    const { namespaces, removal } = await session.kernel()
    for (const one of args.name) {
      await session.leave(one)
      await removing(
        session,
        () => removal.ofNamespace(one),
        () => namespaces.remove(one),
      )
    }
  },
})

export const list = command({
  name: 'list',
  aliases: ['show', 'lst'],
  summary: 'list namespaces, with the ids they have here',
  words: {},
  async run(_args, session) {
    const all = await namesWithIds(await session.kernel(), await session.where())
    const entries = all.map((one) => {
      const entry = new Entry().add('name', one.name, printable(one.name))
      return one.id === undefined ? entry : entry.add('id', one.id, ` (id: ${one.id})`)
    })
    await session.entries(entries)
  },
})

/** Words that may stand in front of a command, out of habit. */
const PROGRAMS = ['netkit', 'ip']

export const exec = command({
  name: 'exec',
  summary: 'run a netkit command in a namespace',
  words: {
    name: { ...name, doc: 'namespace' },
    command: { rest: true, positional: true, required: true, doc: 'a netkit command, with its options' },
  },
  notes: ['The same as option -n, in the words of ip. Only commands of netkit can be run, not other programs.'],
  examples: [['netns exec pod link show', 'the devices of a namespace']],
  async run(args, session) {
    const [first, ...rest] = args.command
    const inner = session.with({ ...session.options, netns: args.name })
    const status = await inner.run(PROGRAMS.includes(first) ? rest : args.command)
    if (status !== 0) throw new Exit(status)
  },
})

export const identify = command({
  name: 'identify',
  summary: 'say the names of the namespace in which a process lives',
  words: {
    pid: {
      value: integer('PID', 1, 0x7fff_ffff),
      positional: true,
      doc: 'process; default: the namespace of this command',
    },
  },
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here } = await session.where()
    const names = args.pid === undefined && here ? [here.inode] : [await inodeOf(kernel, args.pid)]
    const found: string[] = []
    for (const one of [...(await kernel.namespaces.list())].sort()) {
      await using open = await kernel.namespaces.open(one)
      if (names.includes(open.inode)) found.push(one)
    }
    await session.entries(found.map((one) => new Entry().add('name', one, printable(one))))
  },
})

async function inodeOf(kernel: Kernel, pid: number | undefined): Promise<number> {
  await using open = pid === undefined ? await kernel.namespaces.current() : await kernel.namespaces.open({ pid })
  return open.inode
}

const AUTO = 'auto'

export const set = command({
  name: 'set',
  summary: 'give a namespace an id in this one',
  words: {
    name,
    nsid: {
      value: {
        ...NSID,
        name: '{ NETNSID | auto }',
        allowed: `${NSID.allowed}, or auto`,
        parse: (w: string) => (w === AUTO ? AUTO : NSID.parse(w)),
      },
      positional: true,
      required: true,
      doc: 'the id, or auto: the lowest that is free',
    },
  },
  async run(args, session) {
    const { namespaces } = await session.kernel()
    await namespaces.setId(args.name, args.nsid === AUTO ? undefined : args.nsid, await session.where())
  },
})

export const listId = command({
  name: 'list-id',
  summary: 'list the ids that this namespace has for others',
  words: { nsid: { value: NSID, doc: 'only this id' } },
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const ids = (await kernel.namespaces.ids(where)).filter((id) => args.nsid === undefined || id === args.nsid)
    if (args.nsid !== undefined && ids.length === 0) throw new UsageError(`nsid ${args.nsid} is not in use here`)
    const names = new Map((await namesWithIds(kernel, where)).map((one) => [one.id, one.name]))
    const entries = ids.map((id) => {
      const entry = new Entry().add('nsid', id, `nsid ${id}`)
      const known = names.get(id)
      return known === undefined ? entry : entry.add('name', known, ` (iproute2 netns name: ${printable(known)})`)
    })
    await session.entries(entries)
  },
})
