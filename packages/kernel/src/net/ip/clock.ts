import type { Core } from '../core.ts'

/** Hundredths of a second of the kernel's clock, as rtnetlink tells times. */
export const ticks = (kernel: Core): number => Number(kernel.world.now() / 10_000_000n) >>> 0

export const TICKS_PER_SECOND = 100
