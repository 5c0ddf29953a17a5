/** Marks the lines of a suite's output that carry figures. */
export const MARK = '@figure '
