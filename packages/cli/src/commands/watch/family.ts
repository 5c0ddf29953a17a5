import { type CtrlAttrs, NLCTRL } from '@netkit/netlink'
import { genericAttrs } from 'netkit'
import { token } from '../../grammar/values.ts'
import { type CommandGroup, command } from '../command.ts'

const { getfamily } = NLCTRL.commands

const show = command({
  name: 'show',
  aliases: ['list', 'lst'],
  summary: 'show generic netlink families, their numbers and multicast groups',
  words: { name: { value: token('NAME'), positional: true, doc: 'only this family' } },
  async run(args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const replies = await kernel.withScope(where.in, (scope) =>
      scope.dump(NLCTRL, getfamily, {}, { op: 'family list', signal: where.signal }),
    )
    const all: CtrlAttrs[] = replies.map((reply) => genericAttrs(getfamily.attrs, reply))
    const shown = all.filter((f) => args.name === undefined || f.familyName === args.name)
    const rows = shown.map((f) => [
      f.familyName ?? '',
      String(f.familyId ?? ''),
      String(f.version ?? ''),
      String(f.ops?.length ?? 0),
      (f.mcastGroups ?? []).map((g) => `${g.name} ${g.id}`).join(', '),
    ])
    const heads = [
      { title: 'FAMILY' },
      { title: 'ID', right: true },
      { title: 'VERSION', right: true },
      { title: 'COMMANDS', right: true },
      { title: 'GROUPS' },
    ]
    const json = shown.map((f) => ({
      'family-name': f.familyName,
      'family-id': f.familyId,
      version: f.version,
      hdrsize: f.hdrsize,
      maxattr: f.maxattr,
      ops: (f.ops ?? []).map((op) => ({ id: op.id, flags: op.flags })),
      'mcast-groups': (f.mcastGroups ?? []).map((g) => ({ name: g.name, id: g.id })),
    }))
    await session.table(heads, rows, json)
  },
})

export const family: CommandGroup = {
  name: 'family',
  summary: 'generic netlink families',
  otherwise: 'show',
  commands: [show],
}
