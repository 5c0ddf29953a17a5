/**
 * Text from elsewhere (names, aliases, files) as it may be printed: control characters, which a terminal would obey, are
 * written as `\x1b`.
 */
export const printable = (text: string): string =>
  text.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`)
