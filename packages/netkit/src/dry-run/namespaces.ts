import { type NamespaceHandle, type NamespaceRef, type NamespacesDoor, refused } from '@netkit/netlink'
import type { DryRun } from './socket.ts'

/** A namespace that would be there. */
const planned = (fd: number, inode: number): NamespaceHandle => ({
  fd,
  inode,
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
})

/** The door to namespaces of a dry run: what would be made can be opened, what would be removed is gone. */
export class DryRunNamespaces implements NamespacesDoor {
  readonly #run: DryRun

  constructor(run: DryRun) {
    this.#run = run
  }

  async create(name: string): Promise<void> {
    if ((await this.list()).includes(name)) throw refused(`namespace create ${name}`, 'EEXIST')
    this.#report('create', name)
    this.#run.plan.makeNamespace(name)
  }

  async remove(name: string): Promise<void> {
    if (!(await this.list()).includes(name)) throw refused(`namespace remove ${name}`, 'ENOENT')
    this.#report('remove', name)
    this.#run.plan.removeNamespace(name)
  }

  async list(): Promise<readonly string[]> {
    const { doors, plan } = this.#run
    return plan.namespaces(await doors.namespaces.list())
  }

  async open(ref: NamespaceRef): Promise<NamespaceHandle> {
    const { doors, plan } = this.#run
    const name = typeof ref === 'object' && 'name' in ref ? ref.name : undefined
    const made = name === undefined ? undefined : plan.namespace(name)
    const handle = made ? planned(made.fd, made.inode) : await doors.namespaces.open(ref)
    plan.opened(handle, { inode: handle.inode, name, planned: made !== undefined })
    return handle
  }

  #report(call: string, name: string): void {
    this.#run.report({ door: 'namespaces', call, args: { name }, namespace: undefined })
  }
}
