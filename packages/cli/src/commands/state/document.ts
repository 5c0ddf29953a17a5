/**
 * Files of declared state: YAML, of which JSON is a part. The reader of YAML and the schema take longer to load than most
 * commands take, so this is imported only when a file is at hand.
 */
import { faultText, readState, type StateDocument, type StateFault, type StatePath, stateSchema } from 'netkit/state'
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, stringify } from 'yaml'

/** A file that was read. */
export interface StateFile {
  readonly document: StateDocument
  /** Something that cannot be, with the place in the file that says it: `web.yaml:3:10: pairs.nk0.mtu must be …`. */
  readonly complain: (fault: StateFault) => string
}

export type ReadFile =
  | { readonly file: StateFile; readonly complaints?: undefined }
  | { readonly file?: undefined; readonly complaints: readonly string[] }

/** Reads a file, or says everything that is wrong with it, with line and column. */
export function readFile(path: string, text: string): ReadFile {
  const lines = new LineCounter()
  const parsed = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset)
    return `${path}:${line}:${col}`
  }
  if (parsed.errors.length > 0)
    return { complaints: parsed.errors.map(({ pos, message }) => `${at(pos[0])}: is no YAML: ${message}`) }
  const complain = (fault: StateFault): string => {
    const offset = offsetOf(parsed.contents, fault.path)
    return `${offset === undefined ? path : at(offset)}: ${faultText(fault)}`
  }
  const { document, faults } = readState(parsed.toJS())
  return document ? { file: { document, complain } } : { complaints: faults.map(complain) }
}

/** Where in the text a path leads: to a plain value, or to the key of what is more; as far as there is something. */
function offsetOf(root: Node | null, path: StatePath): number | undefined {
  let node: unknown = root
  let offset = root?.range?.[0]
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key))
      if (!pair) break
      node = pair.value
      offset = rangeOf(isScalar(node) ? node : pair.key) ?? offset
    } else if (isSeq(node)) {
      node = node.items[Number(key)]
      offset = rangeOf(node) ?? offset
    } else break
  }
  return offset
}

const rangeOf = (node: unknown): number | undefined => (node as Node | undefined)?.range?.[0]

/** A document as YAML. */
export const documentText = (document: StateDocument): string => stringify(document, { lineWidth: 0 })

/** The schema of such files, for editors. */
export const schemaText = (): string => `${JSON.stringify(stateSchema(), null, 2)}\n`
