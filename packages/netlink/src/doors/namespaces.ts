/** An open network namespace. `fd` is a file descriptor of this client, good for attributes that take one. */
export interface NamespaceHandle extends AsyncDisposable {
  readonly fd: number
  /** Tells namespaces apart: two handles with the same number are the same namespace. */
  readonly inode: number
  close(): Promise<void>
}

/** What a namespace can be called: its name, a process that lives in it, or the client's own. */
export type NamespaceRef = { readonly name: string } | { readonly pid: number } | 'current'

/** Named network namespaces, as `ip netns` keeps them. */
export interface NamespacesDoor {
  /** EEXIST if the name is taken, EINVAL if it is not a file name. */
  create(name: string): Promise<void>
  /** Takes the name away; the namespace goes with its last user. ENOENT if there is none. */
  remove(name: string): Promise<void>
  list(): Promise<readonly string[]>
  /** ENOENT for an unknown name, ESRCH for an unknown process. */
  open(ref: NamespaceRef): Promise<NamespaceHandle>
}
