import type { Kernel, Where } from 'netkit'

/** A namespace with the id that another one has for it. */
export interface NamedId {
  readonly name: string
  readonly id: number | undefined
}

/** All named namespaces, in the order of their names, with the ids that the namespace in question has for them. */
export async function namesWithIds(kernel: Kernel, where: Where): Promise<NamedId[]> {
  const list: NamedId[] = []
  for (const name of [...(await kernel.namespaces.list())].sort()) {
    list.push({ name, id: await kernel.namespaces.id(name, where) })
  }
  return list
}
