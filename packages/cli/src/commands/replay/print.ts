import type { Json } from '../../print/json.ts'
import { plural } from '../../print/numbers.ts'
import { printable } from '../../print/printable.ts'
import type { Style } from '../../print/style.ts'
import type { Difference, StepResult } from './engine.ts'
import { protocolName } from './engine.ts'
import type { Recording, Step } from './recording.ts'

/** What a step does, in a few words. */
function stepText(step: Step): string {
  switch (step.op) {
    case 'ns-add':
      return `namespace ${step.ns} appears${step.owned ? ', owned by a child user namespace' : ''}`
    case 'ns-del':
      return `namespace ${step.ns} goes`
    case 'process':
      return `process ${step.pid} lives in ${step.ns}`
    case 'nic-add':
      return `NIC ${step.nic} with ${step.queues} queues appears in ${step.ns}`
    case 'nic-del':
      return `NIC ${step.nic} is unplugged`
    case 'netlink':
      return `request in ${step.ns}, ${protocolName(step.protocol)}${step.sock.as ? `, as ${step.sock.as}` : ''}`
  }
}

function differenceText({ where, message, path, want, got, note }: Difference, style: Style): string {
  const what = [where, message, path].filter((part) => part !== undefined).join(': ')
  const sides =
    want === undefined && got === undefined
      ? ''
      : want === undefined
        ? `: ${style.bad(got!)} was not expected`
        : got === undefined
          ? `: ${style.good(want)} is missing`
          : `: ${style.good(want)} expected, ${style.bad(got)} came`
  return `    ${what}${sides}${note === undefined ? '' : `${sides ? '; ' : ' '}${note}`}\n`
}

/** A step with what differs in it. */
export function stepResultText({ step, differences }: StepResult, style: Style): string {
  const note = step.note === undefined ? '' : style.faint(printable(` (${step.note})`))
  return `  step ${step.step}: ${stepText(step)}${note}\n${differences.map((d) => differenceText(d, style)).join('')}`
}

/** The line that says how a file went. */
export function fileText(
  file: string,
  { scenario, title }: Recording,
  steps: number,
  matched: number,
  style: Style,
): string {
  const verdict = steps === matched ? style.good('all match') : style.bad(`${steps - matched} differ`)
  const about = style.faint(printable(` (${scenario}${title ? `: ${title}` : ''})`))
  return `${file}: ${plural(steps, 'step')}, ${verdict}${about}\n`
}

export const differenceJson = (file: string, { step, ...rest }: Difference): Json => ({ file, step, ...rest })
