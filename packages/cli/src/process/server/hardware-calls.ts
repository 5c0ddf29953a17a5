import type { CallHandler } from './call.ts'

/** The machine room. Source: docs/protocol.md. */
export const hardwareCalls: Readonly<Record<string, CallHandler>> = {}
