import { readdirSync, readlinkSync } from 'node:fs'

/** Descriptors that this program has open, but for the one that looks. */
export const openDescriptors = (): number => readdirSync('/proc/self/fd').length - 1

/** The network namespace that this thread is in. */
export const currentNamespace = (): string => readlinkSync('/proc/thread-self/ns/net')

export const threads = (): number => readdirSync('/proc/self/task').length
