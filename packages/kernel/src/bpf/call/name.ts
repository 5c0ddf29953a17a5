/** Names of maps and programs: at most 15 of these. Source: spec 02 §3.1. */
const NAME = /^[A-Za-z0-9_.]{0,15}$/

export const isObjectName = (name: string): boolean => NAME.test(name)
