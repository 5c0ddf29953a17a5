import type { Context } from './context.ts'

/**
 * Runs one command line, `argv` without the program's name, and returns the exit status: 0 done, 1 the words are wrong or
 * a replay differs, 2 the kernel refused, 255 anything else failed. Never throws for what a user can do.
 */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  void argv
  context.writeError('netkit: no commands yet\n')
  return 255
}
