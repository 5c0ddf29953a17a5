/** Bytes of a frame's stack: R10 − 512 to R10 − 1. */
export const FRAME_BYTES = 512
/** Frames of one program that may be active at once: main, subprograms and callbacks. */
export const MAX_FRAMES = 16
/**
 * Bytes below the first R10 that a run may use. A tail call out of a subprogram leaves its callers' frames in place, so that a run can
 * stack up more than 16 frames: as Linux allows such callers less than 256 bytes in units of 32, at most 7 for each of 33 tail calls.
 */
export const STACK_BYTES = FRAME_BYTES * 256
/** Tail calls that a run may take; the next one falls through. */
export const MAX_TAIL_CALLS = 33
/** Times that may_goto falls through in one activation of a function, over all may_goto in it; then it jumps. */
export const MAY_GOTO_BUDGET = 8_388_608
/** Default of `Machine.budget`. */
export const DEFAULT_BUDGET = 1 << 24
