/** Bytes of a frame's stack: R10 − 512 to R10 − 1. */
export const FRAME_BYTES = 512
/** Frames that may be active at once: main, subprograms and callbacks. */
export const MAX_FRAMES = 16
/** Bytes below the first R10 that a run may use, callbacks included. */
export const STACK_BYTES = FRAME_BYTES * MAX_FRAMES
/** Tail calls that a run may take; the next one falls through. */
export const MAX_TAIL_CALLS = 33
/** Times that may_goto falls through in one activation of a function, over all may_goto in it; then it jumps. */
export const MAY_GOTO_BUDGET = 8_388_608
/** Default of `Machine.budget`. */
export const DEFAULT_BUDGET = 1 << 24
