import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SHELLS, type Shell } from './scripts.ts'

let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netkit-completion-'))
  for (const [shell, script] of Object.entries(SHELLS)) writeFileSync(join(folder, `script.${shell}`), script)
  writeFileSync(join(folder, 'a-file'), '')
  // Stands for the command: says what it would, and shows that the words arrive one by one.
  const answers = [
    '"__complete|link|set|n|") printf "nk0\\nname\\tnew name: of it\\n";;',
    '"__complete|replay||") echo :file;;',
  ]
  writeFileSync(
    join(folder, 'netkit'),
    `#!/bin/sh\nall=$(printf '%s|' "$@")\ncase "$all" in\n${answers.join('\n')}\nesac\n`,
  )
  chmodSync(join(folder, 'netkit'), 0o755)
})
afterAll(() => rmSync(folder, { recursive: true }))

const has = (shell: Shell): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

function run(shell: Shell, commands: string): string[] {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', commands], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  })
  expect(`${stderr}${status}`).toBe('0')
  return stdout.trim().split('\n')
}

/** How each shell is made to complete a line without a terminal. */
const ASK: Readonly<Record<Shell, (words: readonly string[]) => string>> = {
  bash: (words) =>
    `source ./script.bash; COMP_WORDS=(netkit ${words.map((w) => `'${w}'`).join(' ')}); COMP_CWORD=${words.length}; _netkit; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words) =>
    `compdef() { : }; _describe() { print -l -- \${(P)3} }; _files() { print -l -- * }; source ./script.zsh; words=(netkit ${words.map((w) => `'${w}'`).join(' ')}); CURRENT=${words.length + 1}; _netkit; true`,
  fish: (words) =>
    `source ./script.fish; complete -C "netkit ${words.map((w) => (w.includes(' ') ? `'${w}'` : w)).join(' ')}"`,
}

describe.each(Object.keys(SHELLS) as Shell[])('%s', (shell) => {
  const ask = (...words: string[]) => run(shell, ASK[shell](words))

  test.skipIf(!has(shell))('offers what the command says', () => {
    const words = ask('link', 'set', 'n')
    expect(words.map((line) => line.split(/[:\t]/)[0]).sort()).toEqual(['name', 'nk0'])
    if (shell === 'zsh') expect(words).toContain('name:new name: of it')
    if (shell === 'fish') expect(words).toContain('name\tnew name: of it')
  })

  test.skipIf(!has(shell))('offers files where they may stand', () => {
    expect(ask('replay', '')).toContain('a-file')
  })
})

test('the scripts are complete', () => {
  for (const script of Object.values(SHELLS)) expect(script).toContain('__complete')
})
