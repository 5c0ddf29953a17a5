import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { stateSchema } from './json-schema.ts'
import { STATE } from './schema.ts'

const file = fileURLToPath(new URL('../../../schema/netkit-state.schema.json', import.meta.url))

test('the published schema is up to date; npx vitest run packages/netkit/src/state/schema -u writes it', async () => {
  await expect(`${JSON.stringify(stateSchema(), null, 2)}\n`).toMatchFileSnapshot(file)
})

test('every property has a description', () => {
  const bare: string[] = []
  const walk = (schema: Record<string, unknown>, path: string): void => {
    if (path !== '' && schema.description === undefined) bare.push(path)
    for (const [key, value] of Object.entries((schema.properties ?? {}) as Record<string, Record<string, unknown>>))
      walk(value, `${path}/${key}`)
    for (const key of ['additionalProperties', 'items'] as const) {
      const inner = schema[key] as Record<string, unknown> | undefined
      if (inner && typeof inner === 'object' && inner.type === 'object') walk(inner, `${path}/*`)
    }
  }
  walk(JSON.parse(readFileSync(file, 'utf8')), '')
  expect(bare).toEqual([])
})

test('the schema is read without code that is made at run time', () => {
  const { Function: make } = globalThis
  globalThis.Function = (() => {
    throw new Error('forbidden, as in a page')
  }) as unknown as FunctionConstructor
  try {
    expect(STATE.safeParse({ version: 1 }, { jitless: true }).success).toBe(true)
  } finally {
    globalThis.Function = make
  }
})
