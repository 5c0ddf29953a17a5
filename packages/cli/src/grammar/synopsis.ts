import type { Command } from './command.ts'
import type { Word, Words } from './words.ts'

/** How one word is written in a usage line: `[ mtu MTU ]`, `[ dev ] DEV`. */
function wordUsage(name: string, word: Word, all: Words): string {
  const dots = word.multi || word.rest ? '...' : ''
  if (word.rest)
    return `${word.required ? '' : '[ '}${(word.value?.name ?? name).toUpperCase()}${dots}${word.required ? '' : ' ]'}`
  if (!word.value) return `[ ${name}${word.section ? ' ...' : ''} ]${word.section ? dots : ''}`
  const value = valueUsage(word, all)
  const spelled = word.positional ? `[ ${name} ] ${value}` : `${name} ${value}`
  if (word.required) return `${spelled}${dots}`
  return word.positional ? `[ [ ${name} ] ${value} ]${dots}` : `[ ${spelled} ]${dots}`
}

/** A value and those that may follow it: `TIME [ TIME [ PERCENT ] ]`. */
function valueUsage(first: Word, all: Words): string {
  const names = [first.value?.name]
  for (let { then } = first; then !== undefined; then = all[then].then) names.push(all[then].value?.name)
  return `${names.join(' [ ')}${' ]'.repeat(names.length - 1)}`
}

/** How a word is written in the list of words: `mtu MTU`, `txqueuelen, txqlen, qlen PACKETS`. */
export function wordTerm(name: string, word: Word): string {
  const spelled = [name, ...(word.aliases ?? [])].join(', ')
  return word.rest ? (word.value?.name ?? name).toUpperCase() : word.value ? `${spelled} ${word.value.name}` : spelled
}

/** The usage line of a command in pieces that should not be broken: `netkit link add`, `[ mtu MTU ]`, ... */
export function synopsis<S>(path: string, command: Command<S>): string[] {
  const shown = visible(command.words)
  const usual = shown.map(([name, word]) => wordUsage(name, word, command.words))
  return [`netkit ${path}`, ...usual]
}

export const visible = (words: Words): [string, Word][] => Object.entries(words).filter(([, word]) => !word.hidden)
