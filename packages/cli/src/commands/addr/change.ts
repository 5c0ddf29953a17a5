import type { AddressOptions } from 'netkit'
import type { ArgsOf } from '../../grammar/words.ts'
import { command } from '../command.ts'
import { addressFilter, filterWords } from './filter.ts'
import { addressWords, familyOf, familyWords, local, onDevice, otherEnd, scopeNumber } from './words.ts'

type Said = ArgsOf<typeof addressWords>

const optionsOf = ({ address, dev: _, valid_lft, preferred_lft, scope, proto, ...rest }: Said): AddressOptions => ({
  address,
  ...rest,
  scope: scopeNumber(scope),
  validLifetime: valid_lft,
  preferredLifetime: preferred_lft,
  protocol: proto,
})

export const add = command({
  name: 'add',
  summary: 'give a device an address',
  words: addressWords,
  notes: [
    'With an address come routes: to itself and, while the device is up, to its network. A second address of the same network is a secondary of the first, and goes with it (IPv4).',
  ],
  examples: [
    ['addr add 10.0.0.1/24 dev nk0', 'an IPv4 address'],
    ['addr add 2001:db8::1/64 dev nk0 nodad', 'an IPv6 address that can be used at once'],
  ],
  async run(args, session) {
    const { addresses } = await session.kernel()
    await addresses.add(args.dev, { ...optionsOf(args), ...(await session.where()) })
  },
})

export const replace = command({
  name: 'replace',
  aliases: ['change'],
  summary: 'give a device an address, or change what is said of one that it has',
  words: addressWords,
  async run(args, session) {
    const { addresses } = await session.kernel()
    await addresses.replace(args.dev, { ...optionsOf(args), ...(await session.where()) })
  },
})

export const del = command({
  name: 'del',
  aliases: ['delete'],
  summary: 'take an address away from a device',
  words: { address: local, dev: onDevice, peer: otherEnd },
  async run(args, session) {
    const { addresses } = await session.kernel()
    await addresses.remove(args.dev, args.address, { peer: args.peer, ...(await session.where()) })
  },
})

export const flush = command({
  name: 'flush',
  summary: 'take addresses away from a device, all or some',
  words: { dev: { ...onDevice, positional: true }, ...filterWords, ...familyWords },
  examples: [['addr flush dev nk0 to 10.0.0.0/8', 'the addresses of a network']],
  async run(args, session) {
    const { addresses } = await session.kernel()
    const where = await session.where()
    const matching = addressFilter(args)
    await addresses.flush(args.dev, { ...where, family: familyOf(args, session), matching })
  },
})
