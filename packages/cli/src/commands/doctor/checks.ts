import type { Answer, FeatureAnswer, FeatureName, Kernel, NicFeatureName, NicReport } from 'netkit'
import { PROBES } from 'netkit'
import type { Machine } from '../context.ts'
import {
  CAPABILITIES,
  type Check,
  FEATURES,
  NIC_FEATURES,
  type Situation,
  unknownAdvice,
  unknownKernelAdvice,
} from './check.ts'

/** What was looked at, under a title. */
export interface Section {
  readonly title: string
  readonly checks: readonly Check[]
}

const yesNo = (is: boolean): Answer => (is ? 'yes' : 'no')

function checkOf(key: string, name: string, { answer }: FeatureAnswer, no: string, unknown: string): Check {
  return { key, name, answer, advice: answer === 'no' ? no : answer === 'unknown' ? unknown : undefined }
}

/** What the kernel can do. */
export async function kernelSection(kernel: Kernel, situation: Situation): Promise<Section> {
  const report = await kernel.features.report()
  const checks = (Object.keys(FEATURES) as FeatureName[]).map((key) => {
    const { name, no } = FEATURES[key]
    return checkOf(key, name, report[key], no(situation, PROBES[key].since), unknownKernelAdvice(report[key]))
  })
  return { title: 'Kernel', checks }
}

/** What a NIC can do. */
export function nicSection({ device, features }: NicReport, machine: Machine | undefined): Section {
  const driver = machine?.drivers.get(device.name)
  const checks = (Object.keys(NIC_FEATURES) as NicFeatureName[]).map((key) => {
    const { name, no } = NIC_FEATURES[key]
    return checkOf(key, name, features[key], no, unknownAdvice(features[key]))
  })
  return { title: `NIC ${device.name}${driver ? ` (${driver})` : ''}`, checks }
}

const AS_ROOT = 'run it as root'

/** What the caller may do on the machine's own kernel. */
export function callerSection({ caller }: Machine): Section | undefined {
  if (!caller) return undefined
  const checks: Check[] = Object.entries(CAPABILITIES).map(([key, use]) => {
    const has = caller.capabilities.has(key)
    return { key, name: `${key}: ${use}`, answer: yesNo(has), advice: has ? undefined : AS_ROOT }
  })
  const initial = caller.initialUserNamespace
  checks.push({
    key: 'initialUserNamespace',
    name: 'first user namespace: leases',
    answer: yesNo(initial),
    advice: initial ? undefined : 'leases and NICs are out of reach: run it outside of the container',
  })
  if (caller.filtered) {
    const advice = 'system calls are filtered (seccomp), so that one may be refused whatever the capabilities'
    checks.push({ key: 'unfiltered', name: 'all system calls', answer: 'unknown', advice })
  }
  return { title: `Caller (uid ${caller.uid})`, checks }
}

/** Whether the machine's own kernel can be reached at all. */
export function machineSection({ platform, architecture, unreachable }: Machine): Section {
  const check: Check = {
    key: 'linux',
    name: 'Linux by system calls (koffi)',
    answer: yesNo(unreachable === undefined),
    advice: unreachable,
  }
  return { title: `Machine (${platform}, ${architecture})`, checks: [check] }
}
