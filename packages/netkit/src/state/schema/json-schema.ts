import * as z from 'zod'
import { STATE } from './schema.ts'

/** The published JSON schema of declared state, draft 7, which all editors know. */
export const stateSchema = (): object =>
  z.toJSONSchema(STATE, {
    target: 'draft-7',
    // Bounds that only repeat what a number is say nothing.
    override({ jsonSchema: s }) {
      if (s.minimum === Number.MIN_SAFE_INTEGER) s.minimum = undefined
      if (s.maximum === Number.MAX_SAFE_INTEGER) s.maximum = undefined
    },
  })
