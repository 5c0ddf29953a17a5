import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { TOPICS } from './commands/tree.ts'
import { reference } from './testing/reference.ts'

test('docs/cli-reference.md says what the commands are; npx vitest run packages/cli/src/reference.test.ts -u writes it', async () => {
  await expect(reference(TOPICS)).toMatchFileSnapshot(
    fileURLToPath(new URL('../../../docs/cli-reference.md', import.meta.url)),
  )
})
