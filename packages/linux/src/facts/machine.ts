import { arch, platform, release, version } from 'node:os'
import { calls } from '../ffi/calls.ts'
import { type NicFacts, nicFacts } from './nics.ts'
import { readSetting, SETTINGS, type SettingName } from './settings.ts'

/** What kind of machine this is, as far as it can be read without changing or asking a kernel for anything. */
export interface MachineFacts {
  /** As Node names them: `linux`, `darwin`; `x64`, `arm64`. */
  readonly platform: string
  readonly architecture: string
  /** The kernel's release as `uname -r` prints it, and its build as `uname -v` does. */
  readonly release: string
  readonly build: string
  /** Why `linux()` cannot connect here; undefined if it can. */
  readonly unreachable: string | undefined
  /** Network devices of this network namespace that have hardware, or something that plays it, behind them. */
  readonly nics: readonly NicFacts[]
  /** Settings of the kernel that matter to netkit; undefined where the kernel has none of that name, or hides it. */
  readonly settings: Readonly<Record<SettingName, number | undefined>>
}

/** Never rejects, whatever the machine. */
export async function machineFacts(): Promise<MachineFacts> {
  const unreachable = await calls().then(
    () => undefined,
    (e: unknown) => (e instanceof Error ? e.message : String(e)),
  )
  const names = Object.keys(SETTINGS) as SettingName[]
  return {
    platform: platform(),
    architecture: arch(),
    release: release(),
    build: version(),
    unreachable,
    nics: nicFacts(),
    settings: Object.fromEntries(names.map((name) => [name, readSetting(name)])) as MachineFacts['settings'],
  }
}
