import { existsSync, readFileSync } from 'node:fs'

interface Compared {
  readonly conversations: number
  readonly operations: number
}
type Count = readonly [compared: number, differing: number]

/** What is read of it. */
interface Summary {
  readonly kernel: string
  readonly recordings: Compared
  readonly cases: Compared
  readonly random: Compared & { readonly seeds: readonly number[] }
  readonly differences: number
  readonly commands: Readonly<Record<string, Count>>
  readonly attributes: Readonly<Record<string, Count>>
}

const FILE = new URL('../../conformance/compared.json', import.meta.url)

/** What was compared with Linux; written by `npm run test:differential -- --record`. */
export const COMPARED: Summary | undefined = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : undefined

const number = (n: number): string => n.toLocaleString('en-US')

/** For a table: requests that were compared, and the result. */
function cells([compared, differing]: Count = [0, 0]): [string, string] {
  if (compared === 0) return ['', '']
  return [number(compared), differing === 0 ? 'agree' : `${number(differing)} differ`]
}

export const commandCells = (name: string): [string, string] => cells(COMPARED?.commands[name])
export const attributeCells = (name: string): [string, string] => cells(COMPARED?.attributes[name])

/** In a sentence, what was compared. */
export function comparedInShort({ kernel, recordings, cases, random, differences }: Summary): string {
  const conversations = recordings.conversations + cases.conversations + random.conversations
  const operations = recordings.operations + cases.operations + random.operations
  const release = kernel.split('+')[0]
  return `Compared with Linux ${release}: ${number(conversations)} conversations, ${number(operations)} operations, ${number(differences)} differences.`
}

/** The same at length. */
export function comparedAtLength(summary: Summary): string {
  const { kernel, recordings, cases, random } = summary
  return `${comparedInShort(summary)}

On ${kernel}: ${number(recordings.conversations)} recorded conversations, ${number(cases.conversations)} cases, and ${number(random.conversations)} random sequences of 40 operations
(seeds ${random.seeds.join(', ')}); every byte of replies, errors, extended acknowledgements and notifications, and the dumps at
the end. The columns *compared* count the requests that had a command or attribute in them.`
}
