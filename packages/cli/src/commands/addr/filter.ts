import type { Address, AddressFlag } from 'netkit'
import { contains, ipPrefix } from '../../grammar/ip-values.ts'
import { text } from '../../grammar/values.ts'
import type { ArgsOf, Words } from '../../grammar/words.ts'
import { scope, scopeNumber } from './words.ts'

/** Flags that addresses can be chosen by, with the flag of the kernel. */
const FLAGS = {
  permanent: 'permanent',
  secondary: 'secondary',
  tentative: 'tentative',
  deprecated: 'deprecated',
  dadfailed: 'dadfailed',
} as const satisfies Readonly<Record<string, AddressFlag>>

/** Which addresses are meant. */
export const filterWords = {
  to: { value: ipPrefix(), doc: 'only those in this network' },
  scope: { value: scope, doc: 'only those that reach so far: global, link, host' },
  label: { value: text('PATTERN'), doc: "only those with this label, in which '*' stands for anything" },
  permanent: { doc: 'only those that do not end' },
  dynamic: { doc: 'only those that end' },
  primary: { doc: 'only those that are no secondaries' },
  secondary: { doc: 'only secondaries; of IPv6, temporary ones' },
  tentative: { doc: 'only those that may still turn out to be of another (IPv6)' },
  deprecated: { doc: 'only those that are not used for what is new' },
  dadfailed: { doc: 'only those that turned out to be of another (IPv6)' },
} satisfies Words

/** Whether an address is meant; undefined where all are. */
export function addressFilter(args: ArgsOf<typeof filterWords>): ((address: Address) => boolean) | undefined {
  const { to, label, dynamic, primary } = args
  const wanted = scopeNumber(args.scope)
  const flags = (Object.keys(FLAGS) as (keyof typeof FLAGS)[]).filter((word) => args[word]).map((word) => FLAGS[word])
  const tests: ((a: Address) => boolean)[] = flags.map((flag) => (a) => a.flags.includes(flag))
  if (to !== undefined) tests.push((a) => contains(to, a.address))
  if (wanted !== undefined) tests.push((a) => scopeNumber(a.scope) === wanted)
  if (label !== undefined) tests.push((a) => a.label !== undefined && matches(label, a.label))
  if (dynamic) tests.push((a) => !a.flags.includes('permanent'))
  if (primary) tests.push((a) => !a.flags.includes('secondary'))
  return tests.length === 0 ? undefined : (a) => tests.every((test) => test(a))
}

const matches = (pattern: string, label: string): boolean => {
  const literal = (part: string) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`).test(label)
}
