import type { Device } from '../devices/device.ts'
import type { Devices } from '../devices/devices.ts'
import type { DeviceSelector } from '../devices/selector.ts'
import { placeOf } from '../devices/selector.ts'
import type { Where } from '../places/namespace.ts'
import type { Places } from '../places/places.ts'
import { answerOf, type FeatureAnswer } from './answer.ts'
import { askNic, type NicFeatureName, type NicProbeContext } from './nic.ts'
import { type FeatureName, PROBES } from './probes.ts'

const NAMES = Object.keys(PROBES) as FeatureName[]

/** A NIC, and what it can do. */
export interface NicReport {
  readonly device: Device
  readonly features: Readonly<Record<NicFeatureName, FeatureAnswer>>
}

/**
 * What the kernel can do: `kernel.features`. It is asked, not guessed from its release, by requests that change nothing
 * and leave nothing behind. A clear yes or no is remembered; where there is none (EPERM, for want of CAP_NET_ADMIN), it
 * is asked for again the next time. Not through a dry run, which answers requests that the kernel would refuse.
 */
export class Features {
  readonly #context: NicProbeContext
  readonly #known = new Map<FeatureName, boolean>()

  /** @internal */
  constructor(context: NicProbeContext) {
    this.#context = context
  }

  /** Whether the kernel has a feature. Rejects with the kernel's refusal where it does not tell. */
  async has(name: FeatureName): Promise<boolean> {
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const answer = await PROBES[name].ask(this.#places)
    this.#known.set(name, answer)
    return answer
  }

  /** All features. Rejects with the kernel's refusal where it does not tell of one. */
  async all(): Promise<Readonly<Record<FeatureName, boolean>>> {
    const all: Partial<Record<FeatureName, boolean>> = {}
    for (const name of NAMES) all[name] = await this.has(name)
    return all as Record<FeatureName, boolean>
  }

  /** All features, and of those that the kernel does not tell of why. */
  async report(): Promise<Readonly<Record<FeatureName, FeatureAnswer>>> {
    const all: Partial<Record<FeatureName, FeatureAnswer>> = {}
    for (const name of NAMES) all[name] = await answerOf(() => this.has(name))
    return all as Record<FeatureName, FeatureAnswer>
  }

  /** What one NIC can do. KernelError ENODEV if there is none. */
  async ofNic(selector: DeviceSelector, where: Where = {}): Promise<NicReport> {
    return await this.#places.opened(placeOf(selector, where.in), async (namespace) => {
      const device = await this.#devices.get(selector, { in: namespace, signal: where.signal })
      return { device, features: await askNic(this.#context, { device, namespace }) }
    })
  }

  /** What all NICs of a namespace can do: its devices that stand on a bus. */
  async ofNics(where: Where = {}): Promise<NicReport[]> {
    return await this.#places.opened(where.in, async (namespace) => {
      const devices = await this.#devices.list({ in: namespace, signal: where.signal })
      const reports: NicReport[] = []
      for (const device of devices.filter((d) => d.attrs.parentDevName !== undefined))
        reports.push({ device, features: await askNic(this.#context, { device, namespace }) })
      return reports
    })
  }

  get #places(): Places {
    return this.#context.places
  }

  get #devices(): Devices {
    return this.#context.devices
  }
}
