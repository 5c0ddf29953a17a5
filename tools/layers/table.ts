/** One row of the import table: which files it speaks of, where they run and what they may import. */
export interface Row {
  /** How findings call these files. */
  readonly name: string
  /** Paths from the root of the repository, with `/`. The first row that matches a file is the file's row. */
  readonly files: RegExp
  /** `anywhere`: browser pages and workers too, so no Node module, and nothing of our own that needs Node. */
  readonly runs: 'anywhere' | 'node'
  /** Packages of this repository, each through its `exports` only. */
  readonly may: readonly string[] | 'every package'
  /** Packages from the registry. */
  readonly libraries: readonly string[] | 'every library'
  /** Tests may import their own package by name, are never imported themselves, and run where `runsIn` says. */
  readonly test?: true
}

const TEST_LIBRARIES = ['vitest', 'fast-check']

/** Tests that need Node say so in their name, and stay out of the browser run. */
const NEEDS_NODE = /\.(node|long)\.test\.ts$/

/** Where a file of a row runs. */
export const runsIn = (row: Row, file: string): Row['runs'] => (row.test && NEEDS_NODE.test(file) ? 'node' : row.runs)

/**
 * The arrows of the house, as data. They point down: wire and eBPF at the bottom, kernels and SDK beside each other
 * above them, the command on top. Tests obey the row of their package; both sides of a door meet in `conformance`
 * and in the tests of the command.
 */
export const TABLE: readonly Row[] = [
  {
    name: 'tests of netlink',
    files: /^packages\/netlink\/src\/.*\.test\.ts$/,
    runs: 'anywhere',
    may: ['@netkit/netlink'],
    libraries: TEST_LIBRARIES,
    test: true,
  },
  { name: 'netlink', files: /^packages\/netlink\/src\//, runs: 'anywhere', may: [], libraries: [] },

  {
    name: 'tests of bpf',
    files: /^packages\/bpf\/src\/.*\.test\.ts$/,
    runs: 'anywhere',
    may: ['@netkit/bpf'],
    libraries: TEST_LIBRARIES,
    test: true,
  },
  { name: 'bpf', files: /^packages\/bpf\/src\//, runs: 'anywhere', may: [], libraries: [] },

  {
    name: 'tests of kernel',
    files: /^packages\/kernel\/src\/.*\.test\.ts$/,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf', '@netkit/kernel'],
    libraries: TEST_LIBRARIES,
    test: true,
  },
  {
    name: 'kernel',
    files: /^packages\/kernel\/src\//,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf'],
    libraries: [],
  },

  {
    name: 'tests of linux',
    files: /^packages\/linux\/src\/.*\.test\.ts$/,
    runs: 'node',
    may: ['@netkit/netlink', '@netkit/bpf', '@netkit/linux'],
    libraries: [...TEST_LIBRARIES, 'koffi'],
    test: true,
  },
  {
    name: 'what tests of linux share',
    files: /^packages\/linux\/src\/testing\//,
    runs: 'node',
    may: ['@netkit/netlink', '@netkit/bpf'],
    libraries: [...TEST_LIBRARIES, 'koffi', 'esbuild'],
  },
  {
    name: 'linux',
    files: /^packages\/linux\/src\//,
    runs: 'node',
    may: ['@netkit/netlink', '@netkit/bpf'],
    libraries: ['koffi'],
  },

  {
    name: 'tests of netkit',
    files: /^packages\/netkit\/src\/.*\.test\.ts$/,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf', 'netkit'],
    libraries: TEST_LIBRARIES,
    test: true,
  },
  {
    name: 'the schema of declared state',
    files: /^packages\/netkit\/src\/state\/schema\//,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf'],
    libraries: ['zod'],
  },
  {
    name: 'netkit',
    files: /^packages\/netkit\/src\//,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf'],
    libraries: [],
  },

  {
    name: 'tests of cli',
    files: /^packages\/cli\/src\/.*\.test\.ts$/,
    runs: 'node',
    may: 'every package',
    libraries: 'every library',
    test: true,
  },
  {
    name: 'the files of declared state of cli',
    files: /^packages\/cli\/src\/commands\/state\/document\.ts$/,
    runs: 'anywhere',
    may: ['netkit'],
    libraries: ['yaml'],
  },
  {
    name: 'the commands of cli',
    files: /^packages\/cli\/src\/(commands|grammar|print)\//,
    runs: 'anywhere',
    may: ['@netkit/netlink', '@netkit/bpf', 'netkit'],
    libraries: ['string-width'],
  },
  {
    name: 'the entry points of cli',
    files: /^packages\/cli\/(src|bin)\//,
    runs: 'node',
    may: 'every package',
    libraries: ['env-paths', 'pino', 'string-width'],
  },

  {
    name: 'the tests of the repository',
    files: /^(conformance|tools|bench|examples)\/.*\.test\.ts$/,
    runs: 'node',
    may: 'every package',
    libraries: 'every library',
    test: true,
  },
  {
    name: 'what surrounds the packages',
    files: /^(conformance|bench|examples|docs|tools)\/|^[^/]+\.config\.ts$/,
    runs: 'node',
    may: 'every package',
    libraries: 'every library',
  },
]
