/** What becomes of each link attribute: in a request that creates, in one that changes, and in a reply. */
export interface LinkStatus {
  readonly create: string
  readonly change: string
  readonly reply: boolean
  readonly note?: string
}

const done = 'done'
const ignored = 'ignored, as Linux does'
const refused = (how: string) => `refused: ${how}`

const row = (create: string, change: string, reply: boolean, note?: string): LinkStatus => ({
  create,
  change,
  reply,
  note,
})

const rejected = refused('EINVAL')
const readOnly = row(ignored, ignored, true)

/** By the attribute's name in the table. An attribute that is missing here fails the generator. */
export const LINK_STATUS: Readonly<Record<string, LinkStatus>> = {
  address: row(done, done, true),
  broadcast: row(done, done, true),
  ifname: row(done, done, true),
  mtu: row(done, done, true),
  link: row(ignored, ignored, true),
  qdisc: row(ignored, ignored, true, 'no queueing disciplines besides the names that Linux shows'),
  stats: readOnly,
  master: row(
    refused('EINVAL, EOPNOTSUPP'),
    refused('EINVAL, EOPNOTSUPP'),
    false,
    '0 is accepted; no kind here can enslave others: bridges and bonds are out of scope',
  ),
  protinfo: row(refused('EOPNOTSUPP'), ignored, false),
  txqlen: row(done, done, true),
  map: row(refused('EOPNOTSUPP'), refused('EOPNOTSUPP'), true, 'zeros'),
  weight: row(ignored, ignored, false),
  operstate: row(done, done, true),
  linkmode: row(done, done, true),
  linkinfo: row(done, done, true),
  netNsPid: row(done, done, false),
  ifalias: row(ignored, done, true),
  numVf: row(ignored, ignored, true, 'physical NICs only'),
  vfinfoList: row(ignored, ignored, true, 'virtual functions cannot be configured'),
  stats64: readOnly,
  vfPorts: row(ignored, refused('EOPNOTSUPP'), false),
  portSelf: row(ignored, refused('EOPNOTSUPP'), false),
  afSpec: row(
    'checked',
    'checked, then ignored',
    true,
    'defaults of a fresh namespace; per-device IP settings cannot be changed',
  ),
  group: row(done, done, true),
  netNsFd: row(done, done, false),
  extMask: row(ignored, ignored, false, 'in GET requests: SKIP_STATS, VF, NAME_ONLY'),
  promiscuity: readOnly,
  numTxQueues: row(done, ignored, true),
  numRxQueues: row(done, ignored, true),
  carrier: row(ignored, refused('EOPNOTSUPP'), true),
  physPortId: row(ignored, ignored, false),
  carrierChanges: readOnly,
  physSwitchId: row(ignored, ignored, true, 'physical NICs only'),
  linkNetnsid: row(done, 'looked up', true),
  physPortName: row(ignored, ignored, true, 'physical NICs only'),
  protoDown: row(ignored, refused('EOPNOTSUPP'), true),
  gsoMaxSegs: row(done, done, true),
  gsoMaxSize: row(done, done, true),
  xdp: row(ignored, done, true, 'in the driver: NICs and veth; in skb mode: any device'),
  event: row(ignored, ignored, true, 'in notifications'),
  newNetnsid: row(ignored, ignored, true, 'in RTM_DELLINK of a move'),
  targetNetnsid: row(done, done, true),
  carrierUpCount: readOnly,
  carrierDownCount: readOnly,
  newIfindex: row(ignored, done, true),
  minMtu: readOnly,
  maxMtu: readOnly,
  propList: row(ignored, ignored, true, 'changed by RTM_NEWLINKPROP and RTM_DELLINKPROP'),
  altIfname: row('selects', 'selects', true, 'inside PROP_LIST'),
  permAddress: row(rejected, rejected, false),
  protoDownReason: row(ignored, refused('EOPNOTSUPP'), false),
  parentDevName: row(ignored, ignored, true, 'physical NICs only'),
  parentDevBusName: row(ignored, ignored, true, 'physical NICs only'),
  groMaxSize: row(done, done, true),
  tsoMaxSize: row(rejected, rejected, true),
  tsoMaxSegs: row(rejected, rejected, true),
  allmulti: row(rejected, rejected, true),
  devlinkPort: row(ignored, ignored, true, 'empty but for physical NICs'),
  gsoIpv4MaxSize: row(done, done, true),
  groIpv4MaxSize: row(done, done, true),
  dpllPin: row(rejected, rejected, true, 'empty'),
  maxPacingOffloadHorizon: row(rejected, rejected, true, '0'),
  netnsImmutable: row(rejected, rejected, true),
  headroom: row(rejected, rejected, true),
  tailroom: row(rejected, rejected, true),
}
