import type { NetkitData } from '@netkit/netlink'
import { type Device, type Kernel, KernelError, type LinkInfo } from 'netkit'
import { command } from '../command.ts'
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
  notes: [
    'DEV is empty where the device has gone, and ifN where it is not here: of programs of the peer it is the peer, by its index in its own namespace.',
  ],
  async run(_args, session) {
    const kernel = await session.kernel()
    const where = await session.where()
    const all = await linksOf(kernel)
    const pins = await readPins(kernel)
    const devices = new Map((await kernel.devices.list(where)).map((device) => [device.ifindex, device]))
    const device = (link: LinkInfo): string => deviceText(link, devices.get(link.ifindex ?? 0))
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

/** A link to the peer of a pair tells an index of the peer's namespace: another device may have it here. */
function deviceText({ ifindex, at }: LinkInfo, here: Device | undefined): string {
  if (!ifindex) return ''
  const isEnd = at === undefined || !at.startsWith('netkit_') || isNetkitEnd(here, at)
  return here && isEnd ? here.name : `if${ifindex}`
}

const isNetkitEnd = (device: Device | undefined, at: string): boolean =>
  device?.kind === 'netkit' && Boolean((device.data as NetkitData | undefined)?.primary) === (at === 'netkit_primary')

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
