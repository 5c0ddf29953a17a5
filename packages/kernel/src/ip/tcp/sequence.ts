// Sequence numbers are signed 32-bit integers that wrap. Source: RFC 9293 §3.4.

/** How far `a` is behind `b`; negative before it. */
export const distance = (a: number, b: number): number => (a - b) | 0
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0
export const after = (a: number, b: number): boolean => ((a - b) | 0) > 0
export const latest = (a: number, b: number): number => (((a - b) | 0) > 0 ? a : b)
