/** The commands without the terminal around them: words and a kernel in, text out. They run in a page, too. */
export type * from './commands/context.ts'
export type * from './commands/replay-kernel.ts'
export { run } from './commands/run.ts'
