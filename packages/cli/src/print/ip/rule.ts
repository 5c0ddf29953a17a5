import type { Rule, RulePorts } from 'netkit'
import { Entry } from '../entry.ts'
import { printable } from '../printable.ts'
import type { Style } from '../style.ts'

/** What is needed to print rules besides them. */
export interface RuleView {
  readonly style: Style
  /** Says who made them in any case. */
  readonly details: boolean
}

const hex = (n: number): string => (n === 0 ? '0' : `0x${n.toString(16)}`)

/** A rule as `ip rule` prints it, and as `ip -j rule` does. */
export function ruleEntry(rule: Rule, view: RuleView): Entry {
  const entry = new Entry().add('priority', rule.priority, `${rule.priority}:\t`)
  if (rule.flags.includes('not')) entry.add('not', null, 'not ')
  addSelectors(entry, rule, view.style)
  addWay(entry, rule)
  const { protocol, dscp, dscpMask } = rule
  if ((protocol !== 'kernel' && protocol !== 'unspec') || view.details) {
    entry.add('protocol', String(protocol), `proto ${protocol} `)
  }
  if (dscp === undefined) return entry
  if (dscpMask !== undefined) entry.only('dscp_mask', hex(dscpMask))
  return entry.add('dscp', String(dscp), `dscp ${dscp}${dscpMask === undefined ? '' : `/${hex(dscpMask)}`} `)
}

function addSelectors(entry: Entry, rule: Rule, style: Style): void {
  addNetwork(entry, rule.from, ['src', 'srclen', 'from'], style)
  addNetwork(entry, rule.to, ['dst', 'dstlen', 'to'], style)
  if (rule.tos !== 0) {
    const tos = `0x${rule.tos.toString(16).padStart(2, '0')}`
    entry.add('tos', tos, `tos ${tos} `)
  }
  if (rule.fwmark !== undefined) {
    const mark = hex(rule.fwmark)
    const mask = rule.fwmask === undefined ? undefined : hex(rule.fwmask)
    entry.add('fwmark', mark, `fwmark ${mark}${mask === undefined ? '' : `/${mask}`} `)
    if (mask !== undefined) entry.only('fwmask', mask)
  }
  for (const key of ['iif', 'oif'] as const) {
    const name = rule[key]
    if (name === undefined) continue
    entry.add(key, name, `${key} ${style.device(printable(name))} `)
    if (rule.flags.includes(`${key}-detached`)) entry.add(`${key}_detached`, null, '[detached] ')
  }
  if (rule.l3mdev) entry.add('l3mdev', null, 'lookup [l3mdev-table] ')
  const { uidRange, ipProtocol } = rule
  if (uidRange) {
    entry.only('uid_start', uidRange.start).only('uid_end', uidRange.end)
    entry.say(`uidrange ${uidRange.start}-${uidRange.end} `)
  }
  if (ipProtocol !== undefined) entry.add('ipproto', String(ipProtocol), `ipproto ${ipProtocol} `)
  addPorts(entry, 'sport', rule.sport)
  addPorts(entry, 'dport', rule.dport)
  if (rule.tunId !== undefined) entry.add('tun_id', Number(rule.tunId), `tun_id ${rule.tunId} `)
}

/** A host's own prefix is written without its length; `from` stands even where it says nothing. */
function addNetwork(entry: Entry, prefix: string | undefined, keys: readonly [string, string, string], style: Style) {
  const [key, lengthKey, word] = keys
  if (prefix === undefined) {
    if (word === 'from') entry.add(key, 'all', 'from all ')
    return
  }
  const [address, length] = prefix.split('/')
  const whole = length === (address.includes(':') ? '128' : '32')
  entry.add(key, address, `${word} ${style.address(whole ? address : prefix)} `)
  if (!whole) entry.only(lengthKey, Number(length))
}

function addPorts(entry: Entry, key: string, ports: RulePorts | undefined): void {
  if (!ports) return
  const { first, last = first, mask } = ports
  if (first !== last) {
    entry.only(`${key}_start`, first).only(`${key}_end`, last).say(`${key} ${first}-${last} `)
    return
  }
  entry.add(key, first, `${key} ${first}${mask === undefined ? '' : `/${hex(mask)}`} `)
  if (mask !== undefined) entry.only(`${key}_mask`, hex(mask))
}

/** Where the packets' way is looked for. */
function addWay(entry: Entry, rule: Rule): void {
  if (rule.table !== 0) {
    entry.add('table', String(rule.table), `lookup ${rule.table} `)
    const { suppressPrefixLength: length, suppressGroup: group } = rule
    if (length !== undefined) entry.add('suppress_prefixlen', length, `suppress_prefixlength ${length} `)
    if (group !== undefined) entry.add('suppress_ifgroup', String(group), `suppress_ifgroup ${group} `)
  }
  if (rule.realms !== undefined) {
    const [from, to] = [rule.realms >>> 16, rule.realms & 0xffff]
    if (from !== 0) entry.only('flow_from', String(from))
    entry.add('flow_to', String(to), `realms ${from === 0 ? '' : `${from}/`}${to} `)
  }
  if (rule.action === 'goto') {
    entry.add('goto', rule.goto ?? 'none', `goto ${rule.goto ?? 'none'} `)
    if (rule.flags.includes('unresolved')) entry.add('unresolved', null, '[unresolved] ')
  } else if (rule.action === 'nop') entry.add('nop', null, 'nop ')
  else if (rule.action !== 'table') entry.add('action', String(rule.action), `${rule.action} `)
}
