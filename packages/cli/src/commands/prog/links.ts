import { type Kernel, KernelError, type LinkInfo } from 'netkit'
import { command } from '../command.ts'
import { deviceNames } from '../names.ts'
import { readPins } from './pins.ts'
import { shortAt } from './program.ts'

const HEADS = [
  { title: 'ID', right: true },
  { title: 'TYPE' },
  { title: 'PROG', right: true },
  { title: 'DEV' },
  { title: 'AT' },
  { title: 'PINNED' },
]

export const links = command({
  name: 'links',
  summary: 'show BPF links: programs that stay attached as long as somebody holds the link',
  words: {},
  notes: ['DEV is empty where the device has gone or is in another namespace. Of the peer’s programs it is the peer.'],
  async run(_args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const all = await linksOf(kernel)
    const pins = await readPins(kernel)
    const nameOf = await deviceNames(kernel, where)
    const device = ({ ifindex }: LinkInfo): string => (ifindex ? nameOf(ifindex) : '')
    await session.table(
      HEADS,
      all.map((link) => [
        `${link.id}`,
        link.type,
        `${link.programId}`,
        device(link),
        shortAt(link.at ?? ''),
        pins.link(link.id),
      ]),
      all.map((link) => ({
        id: link.id,
        type: link.type,
        prog_id: link.programId,
        ifindex: link.ifindex,
        devname: device(link) || undefined,
        attach_type: link.at,
        pinned: pins.link(link.id) === '' ? undefined : pins.link(link.id).split(' '),
      })),
    )
  },
})

async function linksOf(kernel: Kernel): Promise<LinkInfo[]> {
  const all: LinkInfo[] = []
  for await (const id of kernel.bpf.linkIds()) {
    try {
      await using link = await kernel.bpf.linkById(id)
      all.push(await link.info())
    } catch (e) {
      if (!(e instanceof KernelError && e.code === 'ENOENT')) throw e
    }
  }
  return all
}
