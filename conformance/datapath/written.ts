import type { DatapathCase } from './case.ts'

export const WRITTEN: readonly DatapathCase[] = []
