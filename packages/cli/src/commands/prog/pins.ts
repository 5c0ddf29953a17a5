import { type Kernel, KernelError, Link } from 'netkit'

/** What is pinned where: paths by kind and id. */
export interface Pins {
  program(id: number): string
  map(id: number): string
  link(id: number): string
}

type Kind = 'program' | 'map' | 'link'

/** Finds out what all pins stand for. A pin does not say what it is: what it answers to tells. */
export async function readPins(kernel: Kernel): Promise<Pins> {
  const paths = new Map<string, string[]>()
  for (const path of await kernel.bpf.pins()) {
    const found = await identify(kernel, path)
    if (found) paths.set(found, [...(paths.get(found) ?? []), path])
  }
  const of = (kind: Kind) => (id: number) => (paths.get(`${kind} ${id}`) ?? []).join(' ')
  return { program: of('program'), map: of('map'), link: of('link') }
}

async function identify(kernel: Kernel, path: string): Promise<string | undefined> {
  try {
    await using pinned = await kernel.bpf.pinned(path)
    if (pinned instanceof Link) return `link ${(await pinned.info()).id}`
    return 'valuesPerElement' in pinned ? `map ${pinned.info.id}` : `program ${(await pinned.info()).id}`
  } catch (e) {
    if (e instanceof KernelError) return undefined
    throw e
  }
}
