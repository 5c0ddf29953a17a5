/** A user namespace: what owns network namespaces. The initial one has no parent. */
export interface UserNamespace {
  readonly parent?: UserNamespace
  /** Uid, in the parent, of whoever made it. */
  readonly ownerUid: number
}
