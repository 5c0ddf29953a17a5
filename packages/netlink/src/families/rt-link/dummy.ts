import { type AttrsOf, attrTable } from '../../attr/table.ts'

/** A dummy device has no attributes of its own. */
export const DUMMY = attrTable('dummy', {})
export type DummyData = AttrsOf<typeof DUMMY>
