import { UsageError } from '../../grammar/usage-error.ts'
import type { KernelName } from '../../grammar/values.ts'
import { wrap } from '../../grammar/wrap.ts'
import type { Json } from '../../print/json.ts'
import { printable } from '../../print/printable.ts'
import { command } from '../command.ts'
import type { Machine } from '../context.ts'
import { Exit, STATUS } from '../failure.ts'
import type { Session } from '../session.ts'
import type { Check } from './check.ts'
import { callerSection, kernelSection, machineSection, nicSection, type Section } from './checks.ts'

export const doctor = command({
  name: 'doctor',
  summary: 'say what a kernel, its NICs and the caller can do, and what to do about what is missing',
  words: {},
  notes: [
    "Asks the machine's own Linux where there is one, else the embedded kernel; -kernel and NETKIT_KERNEL choose. Everything is asked for, nothing is guessed from a release, and nothing is left behind. Works for anybody; more is known to who has CAP_NET_ADMIN.",
    'Exit status 0 if the kernel can do everything and the caller may use it, else 1. What NICs can do does not count. -j prints {"kind", "release", "machine", "caller", "features", "nics"}, each answer yes, no or unknown.',
  ],
  examples: [
    ['doctor', "what the machine's own kernel can do"],
    ['-j doctor | jq .features.single.answer', 'one answer, for a script'],
  ],
  async run(_args, session) {
    if (session.options.dryRun) throw new UsageError('doctor has no dry run: it changes nothing')
    const machine = await session.context.machine?.()
    const inner = session.with({ ...session.options, kernel: chosen(session, machine) })
    const kernel = await inner.kernel()
    const { kind, release } = kernel
    const machineFirst = machine && machineSection(machine)
    const features = await kernelSection(kernel, { kind, release, machine })
    const caller = machine && kind === 'linux' ? callerSection(machine) : undefined
    const nics = await kernel.features.ofNics(await inner.where())
    const nicSections = nics.map((nic) => nicSection(nic, kind === 'linux' ? machine : undefined))
    if (session.options.json) {
      const json = { kind, release, machine: of(machineFirst), caller: of(caller), features: of(features) }
      const byName = nics.map(({ device }, i) => [device.name, of(nicSections[i])] as const)
      await session.json({ ...json, nics: Object.fromEntries(byName) })
    } else {
      const said = kind === 'linux' ? `release ${release}` : `answers as Linux ${release}`
      const sections = [machineFirst, caller, features, ...nicSections].filter((s) => s !== undefined)
      await session.say(`${kind} kernel, ${said}\n${sections.map((s) => sectionText(s, session)).join('')}`)
    }
    const missing = [...features.checks, ...(caller?.checks ?? [])].some(({ answer }) => answer !== 'yes')
    if (missing) throw new Exit(STATUS.usage)
  },
})

function chosen(session: Session, machine: Machine | undefined): KernelName {
  const said = session.options.kernel !== undefined || session.context.env?.NETKIT_KERNEL
  if (said) return session.kernelName
  return machine && machine.unreachable === undefined ? 'linux' : 'embedded'
}

const of = (section: Section | undefined): Json | undefined =>
  section && Object.fromEntries(section.checks.map(({ key, answer, advice }) => [key, { answer, advice }]))

const PAINT = { yes: 'good', no: 'bad', unknown: 'warning' } as const

function sectionText({ title, checks }: Section, { style, width }: Session): string {
  const line = ({ name, answer, advice }: Check): string => {
    const head = `  ${style[PAINT[answer]](answer.padEnd(7))}  ${name}\n`
    if (advice === undefined) return head
    return (
      head +
      wrap(advice, Math.max(width - 13, 24))
        .map((text) => `             ${text}\n`)
        .join('')
    )
  }
  return `\n${style.strong(printable(title))}\n${checks.map(line).join('')}`
}
