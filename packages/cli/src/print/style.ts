const ESC = '\u001b['

/** How kinds of text stand out: the colours of iproute2 on a dark terminal. */
const CODES = {
  device: '1;36',
  address: '1;33',
  up: '1;32',
  down: '1;31',
  strong: '1',
  faint: '2',
  good: '32',
  bad: '1;31',
  warning: '33',
} as const

export type Style = { readonly [K in keyof typeof CODES]: (text: string) => string }

const plain = (text: string): string => text
const names = Object.keys(CODES) as (keyof typeof CODES)[]

const coloured: Style = Object.fromEntries(
  names.map((name) => [name, (text: string) => `${ESC}${CODES[name]}m${text}${ESC}0m`]),
) as Style
const uncoloured: Style = Object.fromEntries(names.map((name) => [name, plain])) as Style

export const styleFor = (colors: boolean): Style => (colors ? coloured : uncoloured)
