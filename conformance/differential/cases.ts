import { readFileSync, writeFileSync } from 'node:fs'
import { attributes, Normaliser } from './normalise.ts'
import type { Heard, Outcome, Protocol, Recorded, Scenario, Step } from './scenario.ts'

/** Scenarios with what the real kernel did, as small files to be kept: what may differ is left out, what is long said once. */

const LINK_ATTRS = 64
const LONG = 120

type CaseStep = Step & { replies?: string[]; notify?: Heard[] }

/** What a case file holds. In messages `{12}` stands for 12 bytes that may be anything, `{@a}` for what `defs` has as `a`. */
export interface CaseFile {
  /** What is shown, in a sentence. */
  readonly rule: string
  readonly kernel: string
  readonly defs: Readonly<Record<string, string>>
  /** Groups of rtnetlink that are listened to, besides those of links and ids. */
  readonly groups?: readonly number[]
  readonly steps: readonly CaseStep[]
}

const pack = (text: string): string => text.replace(/(?:xx)+/g, (run) => `{${run.length / 2}}`)

class Packer {
  readonly defs = new Map<string, string>()
  readonly #normaliser: Normaliser

  constructor(scenario: Scenario) {
    this.#normaliser = new Normaliser(scenario)
  }

  message(hex: string, proto: Protocol): string {
    const text = this.#normaliser.message(hex, proto)
    if (text === hex) return hex
    const parts: string[] = []
    let done = 0
    if (proto === 'generic') return pack(text)
    for (const { from, to } of attributes(text, LINK_ATTRS, text.length)) {
      const value = pack(text.slice(from, to))
      if (value.length < LONG) continue
      parts.push(text.slice(done, from), `{@${this.#name(value)}}`)
      done = to
    }
    return pack(parts.join('') + text.slice(done))
  }

  #name(value: string): string {
    const known = [...this.defs].find(([, text]) => text === value)
    if (known) return known[0]
    const name = String.fromCharCode(97 + this.defs.size)
    this.defs.set(name, value)
    return name
  }
}

export function writeCase(file: string, rule: string, scenario: Scenario, recorded: Recorded): void {
  const packer = new Packer(scenario)
  const steps = scenario.steps.map((step, i): CaseStep => {
    const { replies, notify } = recorded.steps[i]
    const heard = notify.map(([ns, proto, hex]): Heard => [ns, proto, packer.message(hex, proto as Protocol)])
    return {
      ...step,
      ...(replies && { replies: replies.map((r) => packer.message(r, step.op === 'netlink' ? step.proto : 'route')) }),
      ...(heard.length > 0 && { notify: heard }),
    }
  })
  const content: CaseFile = {
    rule,
    kernel: recorded.kernel,
    defs: Object.fromEntries(packer.defs),
    ...(scenario.groups && { groups: scenario.groups }),
    steps,
  }
  writeFileSync(file, `${JSON.stringify(content, null, 1)}\n`)
}

export function readCase(file: string): { rule: string; scenario: Scenario; recorded: Recorded } {
  const { rule, kernel, defs, groups, steps } = JSON.parse(readFileSync(file, 'utf8')) as CaseFile
  const unpack = (text: string): string =>
    text
      .replace(/\{@(\w+)\}/g, (_, name: string) => defs[name])
      .replace(/\{(\d+)\}/g, (_, n: string) => 'xx'.repeat(Number(n)))
  const outcomes = steps.map(
    ({ replies, notify = [] }): Outcome => ({
      ...(replies && { replies: replies.map(unpack) }),
      notify: notify.map(([ns, proto, hex]): Heard => [ns, proto, unpack(hex)]),
    }),
  )
  return { rule, scenario: { name: rule, groups, steps }, recorded: { name: rule, kernel, steps: outcomes } }
}
