/** Access to files, where there are any: a kernel in a page has none. */
export interface KernelFiles {
  /** The bytes of a file, from its beginning. Called once per reading. */
  read(path: string): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
  /** Opens a file for writing, emptied. */
  write(path: string): { write(chunk: Uint8Array): void; close(): void }
}
