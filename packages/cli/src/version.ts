/** Release of the command. The same as in package.json. */
export const VERSION = '0.1.0'
