import { describe, expect, test } from 'vitest'
import { readState } from './read.ts'
import { faultText } from './schema/fault.ts'

const complaints = (document: object): string[] => (readState({ version: 1, ...document }).faults ?? []).map(faultText)

describe('what the schema refuses is named, with the value and what is allowed', () => {
  test.each<[string, object, string]>([
    ['a number', { pairs: { p: { mtu: 'big' } } }, "pairs.p.mtu must be an integer from 0 to 2147483647, not 'big'"],
    ['a range', { pairs: { p: { txqlen: 40000 } } }, 'pairs.p.txqlen must be an integer from 0 to 32767, not 40000'],
    ['a choice', { singles: { s: { mode: 'l4' } } }, "singles.s.mode must be l2 or l3, not 'l4'"],
    ['a switch', { nics: { n: { up: 'yes' } } }, "nics.n.up must be true or false, not 'yes'"],
    ['a list', { singles: { s: { leases: {} } } }, 'singles.s.leases must be a list, not an object'],
    ['a mapping', { pairs: { p: null } }, 'pairs.p must be a mapping, not null'],
    [
      'absence',
      { singles: { s: { leases: [{ nic: 'e' }] } } },
      'singles.s.leases[0].queue is missing: an integer from 0 to 4294967295',
    ],
    ['a version', { version: 2 }, 'version must be 1, not 2'],
    [
      'a name',
      { pairs: { p: { name: 'a/b' } } },
      "pairs.p.name must be a device name without blanks, '/', ':' and '%', not 'a/b'",
    ],
    [
      'a long name',
      { pairs: { p: { name: 'a234567890123456' } } },
      "pairs.p.name must be a string of 1 to 15 characters, not 'a234567890123456'",
    ],
    [
      'a template',
      { pairs: { p: { name: 'nk%d' } } },
      "pairs.p.name must be a device name without blanks, '/', ':' and '%', not 'nk%d'",
    ],
    [
      'a mark',
      { pairs: { p: { altnames: ['netkit.x.y'] } } },
      "pairs.p.altnames[0] must be a name that does not begin with netkit., which marks what a set owns, not 'netkit.x.y'",
    ],
    [
      'a namespace or null',
      { pairs: { p: { peer: { netns: 7 } } } },
      'pairs.p.peer.netns must be a string of 1 to 255 characters or null, not 7',
    ],
  ])('%s', (_what, document, complaint) => {
    expect(complaints(document)).toEqual([complaint])
  })

  test('an unknown key, with those that are known', () => {
    expect(complaints({ namespaces: { pod: { ip: 1 } } })).toEqual([
      'namespaces.pod.ip is not known here; known are lo, routes, rules',
    ])
  })

  test('a key that cannot be an id', () => {
    expect(complaints({ pairs: { 'a b': {} } })).toEqual([
      "pairs.a b cannot be a key: it must be letters, digits, '_', '.' and '-', a letter, digit or '_' first",
    ])
  })

  test('what is no mapping at all', () => {
    expect(readState(null).faults).toEqual([{ path: [], message: 'must be a mapping, not null' }])
  })
})

describe('what contradicts itself is refused', () => {
  const lease = (queue: number, nic = 'eth0') => ({ nic, queue })
  test.each<[string, object, string]>([
    [
      'one id for two entries',
      { pairs: { x: { name: 'a' } }, singles: { x: { name: 'b' } } },
      'singles.x is called as pairs.x is',
    ],
    [
      'one name for two devices',
      { pairs: { p: { peer: { name: 'p' } } } },
      'pairs.p.peer.name cannot be called p: pairs.p is',
    ],
    [
      'a name that is another one’s alternative',
      { pairs: { p: { altnames: ['s'] } }, singles: { s: {} } },
      'singles.s cannot be called s: pairs.p is',
    ],
    [
      'an address without mode l2',
      { pairs: { p: { address: '02:00:00:00:00:01' } } },
      'pairs.p.address can be given only together with mode: l2',
    ],
    [
      'a multicast address',
      { nics: { n: { address: '01:00:00:00:00:01' } } },
      "nics.n.address must be neither zero nor multicast, not '01:00:00:00:00:01'",
    ],
    [
      'too little room',
      { singles: { s: { numrxqueues: 2, leases: [lease(1), lease(2)] } } },
      'singles.s.numrxqueues must be at least 3 for 2 leases, not 2',
    ],
    [
      'leases of two NICs',
      { singles: { s: { leases: [lease(1), lease(2, 'eth1')] } } },
      'singles.s.leases[1].nic must be the same NIC as of its other leases',
    ],
    [
      'a queue that is leased twice',
      { singles: { s: { leases: [lease(1), lease(1)] } } },
      'singles.s.leases[1] cannot be had: queue 1 of eth0 is leased by singles.s',
    ],
    [
      'a queue that there is not',
      { nics: { eth0: { queues: 4 } }, singles: { s: { leases: [lease(4)] } } },
      'singles.s.leases[0].queue must be below 4, the queues of nics.eth0',
    ],
    [
      'a lease of a NIC that is to be down',
      { nics: { eth0: { up: false } }, singles: { s: { leases: [lease(0)] } } },
      'nics.eth0.up must not be false while singles.s leases from it: kernels tell of leases of NICs that are up only',
    ],
  ])('%s', (_what, document, complaint) => {
    expect(complaints(document)).toEqual([complaint])
  })

  test.each<[string, object, string]>([
    [
      'no address',
      { singles: { s: { addresses: ['10.0.0.256/24'] } } },
      "singles.s.addresses[0] must be an address with a length like 10.0.0.1/24, not '10.0.0.256/24'",
    ],
    [
      'a label of IPv6',
      { singles: { s: { addresses: [{ address: 'fd00::1/64', label: 'x' }] } } },
      'singles.s.addresses[0].label is of IPv4 only',
    ],
    [
      'an unknown word of an address',
      { singles: { s: { addresses: [{ address: '10.0.0.1/24', brd: '+' }] } } },
      'singles.s.addresses[0].brd is not known here; known are address, peer, broadcast, label, scope, metric, valid-lft, preferred-lft, nodad, noprefixroute',
    ],
    [
      'a number for an address',
      { singles: { s: { addresses: [7] } } },
      'singles.s.addresses[0] must be a string of 1 to 64 characters or a mapping, not 7',
    ],
    [
      'an address twice',
      { singles: { s: { addresses: ['10.0.0.1/24', { address: '10.0.0.1/24', metric: 3 }] } } },
      'singles.s.addresses[1] is the same address as number 1',
    ],
    [
      'a neighbour without hardware address',
      { singles: { s: { neighbours: [{ to: '10.0.0.1' }] } } },
      'singles.s.neighbours[0].lladdr is missing: its hardware address',
    ],
    [
      'a route that leads nowhere',
      { own: { routes: [{ to: '10.0.0.0/8' }] } },
      'own.routes[0].to must lead somewhere: say via or dev',
    ],
    [
      'a route with bits behind its length',
      { own: { routes: [{ to: '10.0.0.1/8', dev: 'lo' }] } },
      'own.routes[0].to has bits behind its length: the network is 10.0.0.0/8',
    ],
    [
      'a blackhole behind a router',
      { own: { routes: [{ to: '10.0.0.0/8', type: 'blackhole', via: '10.0.0.1' }] } },
      'own.routes[0].type leads nowhere: no via, dev or nexthops go with blackhole',
    ],
    [
      'a route twice',
      {
        namespaces: {
          pod: {
            routes: [
              { to: 'default', via: '10.0.0.1' },
              { to: '0.0.0.0/0', dev: 'lo' },
            ],
          },
        },
      },
      'namespaces.pod.routes[1] is the same network, table and metric as number 1',
    ],
    [
      'a rule without priority',
      { own: { rules: [{ from: '10.0.0.0/8' }] } },
      'own.rules[0].priority is missing: an integer from 0 to 4294967295',
    ],
    [
      'a rule of two families',
      { own: { rules: [{ priority: 1, from: '10.0.0.0/8', to: 'fd00::/8' }] } },
      'own.rules[0].to must be of inet, like the rule',
    ],
    [
      'ports that are none',
      { own: { rules: [{ priority: 1, dport: '9-8' }] } },
      "own.rules[0].dport must be a range like 1000-2000, up to 65535, not '9-8'",
    ],
  ])('of IP: %s', (_what, document, complaint) => {
    expect(complaints(document)).toEqual([complaint])
  })

  test('names are counted in bytes', () => {
    const long = 'ü'.repeat(8)
    expect(
      complaints({ pairs: { p: { name: long, altnames: ['ü'.repeat(64)] }, q: { alias: 'ü'.repeat(128) } } }),
    ).toEqual([
      'pairs.p.name must have at most 15 bytes, not 16',
      'pairs.p.altnames[0] must have at most 127 bytes, not 128',
      'pairs.q.alias must have at most 255 bytes, not 256',
    ])
    expect(complaints({ singles: { 'a-key-of-16-bytes': {} } })).toEqual([
      'singles.a-key-of-16-bytes must have at most 15 bytes, not 17',
    ])
  })

  test('but not one name in two namespaces', () => {
    expect(complaints({ namespaces: { n: {} }, pairs: { p: { peer: { name: 'p', netns: 'n' } } } })).toEqual([])
  })
})
