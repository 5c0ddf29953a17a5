import { readFileSync, writeFileSync } from 'node:fs'

interface Entry {
  readonly version?: string
  readonly dev?: boolean
  readonly optional?: boolean
  readonly os?: readonly string[]
  readonly cpu?: readonly string[]
  readonly libc?: readonly string[]
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/**
 * `npm run lockfile`, after any `npm install`: completes package-lock.json. Where a registry does not serve the
 * builds of a library for every platform, npm leaves them out of the lock file, and `npm ci` then refuses it, because
 * the library names them. Each gets the entry that npm would write, less the checksum, which only a registry knows.
 */
const file = new URL('../package-lock.json', import.meta.url)

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32']
const PROCESSORS = ['arm', 'arm64', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']
const LIBRARIES = new Map([
  ['gnu', 'glibc'],
  ['gnueabihf', 'glibc'],
  ['musl', 'musl'],
  ['musleabihf', 'musl'],
])

const lock: { packages: Record<string, Entry> } = JSON.parse(readFileSync(file, 'utf8'))

/** Whether Node's way upwards from a package finds a dependency in the lock file. */
const found = (from: string, name: string): boolean => {
  for (let at = from; ; ) {
    if (`${at}${at && '/'}node_modules/${name}` in lock.packages) return true
    if (!at) return false
    at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))
  }
}

let added = 0
for (const [path, { dev, optionalDependencies = {} }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    if (found(path, name)) continue
    const words = name.split(/[/-]/)
    const os = SYSTEMS.filter((word) => words.includes(word))
    const cpu = PROCESSORS.filter((word) => words.includes(word))
    const libc = words.flatMap((word) => LIBRARIES.get(word) ?? [])
    if (os.length + cpu.length === 0) throw new Error(`${path} wants ${name}, whose name tells no platform`)
    const top = `node_modules/${name}`
    lock.packages[top in lock.packages ? `${path}/${top}` : top] = {
      version,
      ...(cpu.length > 0 && { cpu }),
      ...(dev && { dev }),
      ...(os.includes('linux') && libc.length > 0 && { libc }),
      optional: true,
      ...(os.length > 0 && { os }),
    }
    added++
  }
}
const [root, ...others] = Object.entries(lock.packages)
others.sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries([root!, ...others]) }, null, 2)}\n`)
console.log(`lockfile: ${added} builds for other platforms added`)
