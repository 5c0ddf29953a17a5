import type { ArgsOf, Words } from './words.ts'

/** A command: `link add`. `S`: what it runs in. */
export interface Command<S, W extends Words = Words> {
  readonly name: string
  readonly aliases?: readonly string[]
  /** One line for lists. */
  readonly summary: string
  readonly words: W
  /** Words that only apply in some case, listed under a title: those of a kind of device. */
  readonly sections?: Readonly<Record<string, Words>>
  /** Paragraphs: what is not obvious from the words. */
  readonly notes?: readonly string[]
  /** Command lines without the leading `netkit`, each with what it does. */
  readonly examples?: readonly (readonly [line: string, does: string])[]
  /** Not listed. */
  readonly hidden?: true
  run(args: ArgsOf<W>, session: S): Promise<void>
}

/** An object with its commands: `link`. The first letters of a name find the first one that begins so. */
export interface Group<S> {
  readonly name: string
  readonly aliases?: readonly string[]
  readonly summary: string
  readonly commands: readonly Command<S>[]
  /** The command that runs when none is named. */
  readonly otherwise?: string
}

/** A word in first place is either: an object, or a command by itself (`monitor`). */
export type Entry<S> = Group<S> | Command<S>

export const isGroup = <S>(entry: Entry<S>): entry is Group<S> => 'commands' in entry

/** Declares a command, keeping its words for the type checker. */
export const commandFor =
  <S>() =>
  <const W extends Words>(command: Command<S, W>): Command<S> =>
    command as unknown as Command<S>

const begins = (entry: { readonly name: string; readonly aliases?: readonly string[] }, word: string): boolean =>
  entry.name.startsWith(word) || (entry.aliases ?? []).some((alias) => alias.startsWith(word))

/**
 * Finds an entry by its name, an alias, or the first letters of one. Among several that begin so the first counts, as in
 * `ip`; `fits` passes over those that cannot be meant.
 */
export function find<E extends { readonly name: string; readonly aliases?: readonly string[] }>(
  entries: readonly E[],
  word: string,
  fits: (entry: E) => boolean = () => true,
): E | undefined {
  if (word === '') return undefined
  const exact = entries.find((e) => e.name === word || e.aliases?.includes(word))
  if (exact) return exact
  const candidates = entries.filter((e) => begins(e, word))
  return candidates.find(fits) ?? candidates[0]
}

/** Whether a command can run without another word. */
export const needsWords = (words: Words): boolean => Object.values(words).some((word) => word.required)
