import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'
import { check, show } from './layers/check.ts'

const trees: string[] = []

/** A repository in a temporary folder: our packages, with these files and nothing else in them. */
const tree = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'layers-'))
  trees.push(root)
  for (const [path, text] of Object.entries({ ...PACKAGES, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return root
}

const manifest = (name: string, ...entries: string[]) =>
  JSON.stringify({ name, exports: Object.fromEntries(['.', ...entries].map((entry) => [entry, {}])) })

const PACKAGES = {
  'packages/netlink/package.json': manifest('@netkit/netlink', './testing', './families/*'),
  'packages/bpf/package.json': manifest('@netkit/bpf'),
  'packages/kernel/package.json': manifest('@netkit/kernel'),
  'packages/linux/package.json': manifest('@netkit/linux'),
  'packages/netkit/package.json': manifest('netkit'),
  'packages/cli/package.json': manifest('@netkit/cli'),
  'conformance/package.json': manifest('@netkit/conformance'),
}

afterEach(() => {
  for (const root of trees.splice(0)) rmSync(root, { recursive: true })
})

/** What is said about a tree with one file in it. */
const say = (file: string, text: string): string[] => check(tree({ [file]: text })).map(show)

describe('packages that may not see each other', () => {
  test.each([
    ['packages/netlink/src/a.ts', '@netkit/bpf', 'netlink may import no package'],
    ['packages/bpf/src/a.ts', '@netkit/netlink', 'bpf may import no package'],
    ['packages/kernel/src/a.ts', 'netkit', 'kernel may import only @netkit/netlink, @netkit/bpf'],
    ['packages/kernel/src/a.ts', '@netkit/linux', 'kernel may import only @netkit/netlink, @netkit/bpf'],
    ['packages/linux/src/a.ts', '@netkit/kernel', 'linux may import only @netkit/netlink, @netkit/bpf'],
    ['packages/netkit/src/a.ts', '@netkit/kernel', 'netkit may import only @netkit/netlink, @netkit/bpf'],
    ['packages/netkit/src/a.test.ts', '@netkit/kernel', 'tests of netkit may import only'],
    ['packages/cli/src/commands/a.ts', '@netkit/kernel', 'the commands of cli may import only'],
    ['packages/cli/src/grammar/a.ts', '@netkit/linux', 'the commands of cli may import only'],
    ['packages/netlink/src/a.ts', 'netkit-conformance', 'netlink may use no library'],
  ])('%s → %s', (file, specifier, why) => {
    expect(say(file, `\nimport '${specifier}'\n`)).toEqual([
      expect.stringMatching(`^${file}:2 imports ${specifier}, but`),
    ])
    expect(say(file, `import '${specifier}'`)[0]).toContain(why)
  })

  test.each([
    ['a type', "import type { A } from '@netkit/kernel'"],
    ['an inline type', "import { type A } from '@netkit/kernel'"],
    ['a type query', "type A = import('@netkit/kernel').A"],
    ['a value query', "type A = typeof import('@netkit/kernel')"],
    ['a dynamic import', "const a = await import('@netkit/kernel')"],
    ['a dynamic import of a template', 'const a = await import(`@netkit/kernel`)'],
    ['a re-export', "export { a } from '@netkit/kernel'"],
    ['a re-export of all', "export * from '@netkit/kernel'"],
    ['a re-export of types', "export type * from '@netkit/kernel'"],
    ['import =', "import a = require('@netkit/kernel')"],
    ['require', "const a = require('@netkit/kernel')"],
    ['import.meta.resolve', "const a = import.meta.resolve('@netkit/kernel')"],
    ['an augmentation', "declare module '@netkit/kernel' { interface A {} }"],
  ])('whatever the way of importing: %s', (_way, text) => {
    expect(say('packages/netkit/src/a.ts', `// one\n// two\n${text}\n`)).toEqual([
      'packages/netkit/src/a.ts:3 imports @netkit/kernel, but netkit may import only @netkit/netlink, @netkit/bpf.',
    ])
  })

  test('a dependency that no import uses yet', () => {
    const root = tree({
      'packages/netkit/package.json': JSON.stringify({ name: 'netkit', dependencies: { '@netkit/kernel': '0.1.0' } }),
    })
    expect(check(root).map(show)).toEqual([
      'packages/netkit/package.json:1 declares @netkit/kernel, which no row lets netkit import.',
    ])
  })
})

describe('ways around the exports of a package', () => {
  test('a path into another package by its name', () => {
    expect(say('packages/kernel/src/a.ts', "import '@netkit/netlink/src/bytes/writer.ts'")).toEqual([
      'packages/kernel/src/a.ts:1 imports @netkit/netlink/src/bytes/writer.ts, ' +
        'which the exports of @netkit/netlink do not list.',
    ])
  })

  test('a pattern covers what matches it, not the bare folder', () => {
    expect(say('packages/kernel/src/a.ts', "import '@netkit/netlink/families/rt-link'")).toEqual([])
    expect(say('packages/kernel/src/a.ts', "import '@netkit/netlink/families/'")).toHaveLength(1)
  })

  test.each([
    "import '../../netlink/src/index.ts'",
    "new Worker(new URL('../../netlink/src/index.js', import.meta.url))",
  ])('a relative path into another package: %s', (text) => {
    expect(say('packages/kernel/src/a.ts', text)[0]).toMatch(
      /^packages\/kernel\/src\/a\.ts:1 reaches into packages\/netlink with \S+; import @netkit\/netlink by name\.$/,
    )
  })

  test('a relative path out of the packages', () => {
    expect(say('packages/kernel/src/a.ts', "import '../../../tools/layers.ts'")).toEqual([
      'packages/kernel/src/a.ts:1 reaches out of packages/kernel with ../../../tools/layers.ts.',
    ])
  })

  test('tools and benchmarks go through the exports too', () => {
    expect(say('bench/run.ts', "import '../packages/kernel/src/index.ts'")).toEqual([
      'bench/run.ts:1 reaches into packages/kernel with ../packages/kernel/src/index.ts; import @netkit/kernel by name.',
    ])
  })

  test('a package does not import itself by name', () => {
    expect(say('packages/kernel/src/a.ts', "import '@netkit/kernel'")).toEqual([
      'packages/kernel/src/a.ts:1 imports its own package @netkit/kernel by name.',
    ])
    expect(say('packages/kernel/src/a.test.ts', "import '@netkit/kernel'")).toEqual([])
  })
})

describe('Node where there may be none', () => {
  test.each(['netlink', 'bpf', 'kernel', 'netkit'])('packages/%s', (name) => {
    const file = `packages/${name}/src/deep/er/a.ts`
    expect(say(file, "import { readFileSync } from 'node:fs'")).toEqual([
      `${file}:1 imports node:fs, but ${name} must run anywhere, without Node.`,
    ])
    expect(say(file, "type Path = typeof import('path')")).toHaveLength(1)
    expect(say(file, '/// <reference types="node" />')).toEqual([
      `${file}:1 pulls in types by a reference directive, which hides Node from the compiler.`,
    ])
  })

  test.each(['commands', 'grammar', 'print'])('packages/cli/src/%s', (folder) => {
    expect(say(`packages/cli/src/${folder}/a.ts`, "import 'node:process'")).toHaveLength(1)
    expect(say(`packages/cli/src/${folder}/a.ts`, "import '../kernel-process/start.ts'")).toEqual([
      `packages/cli/src/${folder}/a.ts:1 imports packages/cli/src/kernel-process/start.ts, ` +
        'which needs Node, but the commands of cli must run anywhere.',
    ])
    expect(say(`packages/cli/src/${folder}/a.ts`, "import 'pino'")).toHaveLength(1)
  })

  test('tests that need Node say so in their name', () => {
    expect(say('packages/netlink/src/a.test.ts', "import 'node:fs'")).toHaveLength(1)
    expect(say('packages/netlink/src/a.node.test.ts', "import 'node:fs'")).toEqual([])
    expect(say('packages/netlink/src/a.long.test.ts', "import 'node:fs'")).toEqual([])
  })
})

describe('cycles of folders', () => {
  test('two folders, one of them by a type only', () => {
    const root = tree({
      'packages/kernel/src/net/device.ts': "\nimport type { Hooks } from '../drivers/hooks.ts'",
      'packages/kernel/src/drivers/hooks.ts': "import { device } from '../net/device.ts'",
    })
    expect(check(root).map(show)).toEqual([
      'packages/kernel/src/drivers/hooks.ts:1 closes a cycle in packages/kernel/src: ' +
        'drivers/ imports net/ here, and net/ imports drivers/ (packages/kernel/src/net/device.ts:2).',
    ])
  })

  test('through a third folder, deep down, by different files', () => {
    const root = tree({
      'packages/kernel/src/genl/a/one.ts': "import '../b/one.ts'",
      'packages/kernel/src/genl/b/two.ts': "import '../c/one.ts'",
      'packages/kernel/src/genl/c/three.ts': "import '../a/two.ts'",
    })
    const [finding, ...more] = check(root).map(show)
    expect(finding).toMatch(
      /closes a cycle in packages\/kernel\/src\/genl: a\/ imports b\/ here, and b\/.*, c\/ imports a\//,
    )
    expect(more).toEqual([])
  })

  test('a folder and a file beside it', () => {
    const root = tree({
      'packages/kernel/src/world.ts': "import './net/clock.ts'",
      'packages/kernel/src/net/namespace.ts': "import '../world.ts'",
    })
    expect(check(root)).toHaveLength(1)
  })

  test('arrows that point one way, and files that import each other, are fine', () => {
    const root = tree({
      'packages/kernel/src/index.ts': "export * from './drivers/registry.ts'; export * from './net/device.ts'",
      'packages/kernel/src/drivers/registry.ts': "import './netkit/index.ts'",
      'packages/kernel/src/drivers/netkit/index.ts': "import '../hooks.ts'; import './data.ts'",
      'packages/kernel/src/drivers/netkit/data.ts': "import './index.ts'",
      'packages/kernel/src/drivers/hooks.ts': "import '../net/device.ts'",
      'packages/kernel/src/net/device.test.ts': "import '../drivers/registry.ts'",
    })
    expect(check(root).map(show)).toEqual([])
  })
})

describe('the rest', () => {
  test('names that are computed', () => {
    expect(say('packages/kernel/src/a.ts', 'await import(folder + name)')).toEqual([
      'packages/kernel/src/a.ts:1 imports by a computed name, which no check can follow.',
    ])
  })

  test('tests are not imported', () => {
    expect(say('packages/kernel/src/a.ts', "import './b.test.ts'")).toEqual([
      'packages/kernel/src/a.ts:1 imports the test packages/kernel/src/b.test.ts.',
    ])
  })

  test('a package that the table does not know', () => {
    expect(say('packages/extra/src/index.ts', 'export {}')).toEqual([
      'packages/extra/src/index.ts:1 belongs to no row of tools/layers/table.ts.',
    ])
  })

  test('text that is not TypeScript', () => {
    expect(say('packages/kernel/src/a.ts', 'import {')[0]).toMatch(/^packages\/kernel\/src\/a\.ts:1 cannot be parsed: /)
  })

  test('words in strings and comments are not imports', () => {
    expect(say('packages/kernel/src/a.ts', "// import 'node:fs'\nconst a = \"import('node:fs')\"")).toEqual([])
  })

  test('what the table allows', () => {
    const root = tree({
      'packages/netlink/src/index.ts': "export * from './bytes/writer.ts'",
      'packages/netlink/src/bytes/writer.test.ts':
        "import 'vitest'; import './writer.ts'; import '@netkit/netlink/testing'",
      'packages/kernel/src/index.ts': "import '@netkit/netlink'; import '@netkit/bpf'",
      'packages/linux/src/index.ts': "import 'node:fs'; import 'koffi'; import '@netkit/netlink'",
      'packages/cli/src/commands/link.ts': "import 'netkit'; import '@netkit/netlink'; import '../print/table.ts'",
      'packages/cli/src/print/table.ts': "import 'string-width'",
      'packages/cli/src/bin.ts':
        "import 'node:net'; import '@netkit/kernel'; import './commands/link.ts'; import 'pino'",
      'conformance/src/a.test.ts': "import '@netkit/kernel'; import 'netkit'; import 'node:fs'",
      'vitest.config.ts': "import './tools/vitest.shared.ts'",
    })
    expect(check(root).map(show)).toEqual([])
  })
})

test('this repository obeys the table', () => {
  expect(check(fileURLToPath(new URL('..', import.meta.url))).map(show)).toEqual([])
})
