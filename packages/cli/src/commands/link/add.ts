import { type AddOptions, type Kernel, KernelError, type NamespaceTarget, type PeerOptions } from 'netkit'
import { UsageError } from '../../grammar/usage-error.ts'
import { choice, type NamespaceWord } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { command } from '../command.ts'
import { HintedError } from '../failure.ts'
import type { Session } from '../session.ts'
import { birthSettings, present } from './settings.ts'
import { birth, KIND_WORDS, type Kind, type netkitBirth, type netkitPeer } from './words.ts'

const KIND = choice({ netkit: 'netkit', veth: 'veth', dummy: 'dummy' } as const, 'TYPE')

type Policies = Pick<ArgsOf<typeof netkitBirth>, 'policy' | 'forward' | 'blackhole'>

/** The policy, as a word of its own or behind `policy`. */
export function policyOf(said: Policies, whose: string): string | number | undefined {
  const all = [said.policy, said.forward && 'forward', said.blackhole && 'blackhole'].filter((p) => p !== undefined)
  if (all.length > 1) throw new UsageError(`the policy${whose} is given twice: ${all.join(' and ')}`)
  return all[0] as string | undefined
}

export const target = (word: NamespaceWord | undefined): NamespaceTarget | undefined =>
  word === undefined ? undefined : 'name' in word ? word.name : word

export const add = command({
  name: 'add',
  summary: 'make a device, or a pair of them',
  words: {
    ...birth,
    type: {
      value: KIND,
      required: true,
      adds: (kind: Kind): Words => KIND_WORDS[kind],
      doc: 'kind of the device: netkit, veth or dummy; words of the kind may follow it',
    },
  },
  sections: { 'Words of type netkit': KIND_WORDS.netkit, 'Words of type veth': KIND_WORDS.veth },
  notes: [
    'Words behind peer are about the peer: its name, address, mtu, netns and so on, its policy and scrub; until one comes that only describes the pair (mode, headroom, tailroom, pairing). Without peer the other end is like the device itself; with it, it has what is said there and defaults otherwise.',
    'A single device (pairing single) has no peer, and neither policy nor scrub. It is made to lease receive queues of a NIC for: see netkit help lease add.',
  ],
  examples: [
    ['link add nk0 type netkit peer name nk1', 'a pair in mode l3'],
    ['link add nk0 up type netkit mode l2 peer name eth0 netns pod up policy blackhole', 'a pair into a namespace'],
    ['link add nk1 numrxqueues 4 type netkit mode l2 pairing single', 'a single device with room for three leases'],
  ],
  async run(args, session) {
    const kernel = await session.kernel()
    const { in: here, signal } = await session.where()
    const place = target(args.netns)
    const peer = args.more?.peer as ArgsOf<typeof netkitPeer> | undefined
    const options = {
      kind: args.type,
      ...birthSettings(args),
      in: place ?? here,
      signal,
      data: args.type === 'netkit' ? netkitData(args.more ?? {}) : undefined,
    }
    try {
      if (!peer) await kernel.devices.add(options as AddOptions)
      else await addWithPeer(kernel, session, options, peer, place !== undefined)
    } catch (e) {
      const taken = e instanceof KernelError && e.code === 'EEXIST' && !peer?.name && args.name !== undefined
      if (!taken || (await kernel.devices.find(args.name!, options))) throw e
      throw new HintedError(`the peer is made first and is called ${args.name} unless it is named: peer name NAME`, {
        cause: e,
      })
    }
  },
})

/** Where nothing is said of its namespace, a peer is made where the command acts, even if the device is made elsewhere. */
async function addWithPeer(
  kernel: Kernel,
  session: Session,
  options: object,
  said: ArgsOf<typeof netkitPeer>,
  elsewhere: boolean,
): Promise<void> {
  const own = elsewhere && said.netns === undefined && session.options.netns === undefined
  const current = own ? await kernel.namespaces.current() : undefined
  try {
    const namespace = target(said.netns) ?? (elsewhere ? (current ?? (await session.where()).in) : undefined)
    const peer: PeerOptions = { ...birthSettings(said), ...present({ namespace }) }
    await kernel.devices.add({ ...options, peer } as AddOptions)
  } finally {
    await current?.close()
  }
}

function netkitData(more: ArgsOf<typeof netkitBirth>): object | undefined {
  const peer = more.peer
  const data = present({
    mode: more.mode,
    policy: policyOf(more, ''),
    peerPolicy: peer && policyOf(peer, ' of the peer'),
    scrub: more.scrub,
    peerScrub: peer?.scrub,
    headroom: more.headroom,
    tailroom: more.tailroom,
    pairing: more.pairing,
  })
  return Object.keys(data).length > 0 ? data : undefined
}
