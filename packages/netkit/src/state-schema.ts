/** Documents of declared state: `netkit/state`. Apart from the rest, because it brings a validator along. */

export { type ReadState, readState } from './state/read.ts'
export { faultText, pathText, type StateFault, type StatePath } from './state/schema/fault.ts'
export { stateSchema } from './state/schema/json-schema.ts'
export type * from './state/schema/schema.ts'
