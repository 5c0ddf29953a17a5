import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { quotedIn, regionsOf, withQuotes } from './quotes.ts'

const PAGE = new URL('../../../docs/sdk.md', import.meta.url)
const page = readFileSync(PAGE, 'utf8')
const regions = regionsOf(readFileSync(new URL('./guide.test.ts', import.meta.url), 'utf8'))

// NETKIT_WRITE_DOCS=1 brings the page up to date instead.
test('docs/sdk.md quotes the code that is tested', () => {
  const wanted = withQuotes(page, regions)
  if (process.env.NETKIT_WRITE_DOCS) writeFileSync(PAGE, wanted)
  else expect(page).toBe(wanted)
})

test('every piece of tested code is quoted once', () => {
  expect(quotedIn(page).sort()).toEqual([...regions.keys()].sort())
})
