import { commandFor, type Group } from '../grammar/command.ts'
import type { Session } from './session.ts'

/** Declares a command of `netkit`. */
export const command = commandFor<Session>()

export type CommandGroup = Group<Session>
