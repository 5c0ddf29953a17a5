import type { Helper } from '@netkit/bpf'
import type { HelperRow, HelperWorld } from './helpers/helper.ts'

/**
 * What a program calls for a helper. Functions of as many parameters as there are words, up to those that a redirection has: with rest
 * parameters a call takes twice as long.
 */
export function bindHelper(row: HelperRow, of: HelperWorld): Helper {
  const { body } = row
  return { ...row, body: bodies(body, of)[wordsOf(row)] ?? ((...words) => body(of, ...words)) }
}

const wordsOf = ({ args }: HelperRow): number => args.reduce((words, arg) => words + (arg === 'u64' ? 2 : 1), 0)

const bodies = (body: HelperRow['body'], of: HelperWorld): readonly Helper['body'][] => [
  () => body(of),
  (a) => body(of, a),
  (a, b) => body(of, a, b),
  (a, b, c) => body(of, a, b, c),
  (a, b, c, d) => body(of, a, b, c, d),
]
