/** By the attribute's name in the table. */
export const NETKIT_STATUS: Readonly<Record<string, string>> = {
  peerInfo: 'done at creation; EACCES in a change',
  primary: 'shown; refused in requests: EINVAL',
  policy: 'done: creation and change, packets obey it; EOPNOTSUPP on single devices',
  peerPolicy: 'done: creation and change, packets obey it; EOPNOTSUPP on single devices',
  mode: 'done at creation; EACCES in a change',
  scrub: 'done at creation of pairs, packets obey it; EOPNOTSUPP for single devices; EACCES in a change',
  peerScrub: 'done at creation of pairs, packets obey it; EOPNOTSUPP for single devices; EACCES in a change',
  headroom: 'done at creation; EACCES in a change',
  tailroom: 'done at creation; EACCES in a change',
  pairing: 'done at creation; EACCES in a change',
}

export const NSID_STATUS: Readonly<Record<string, string>> = {
  nsid: 'done',
  pid: 'done',
  fd: 'done',
  targetNsid: 'done',
  currentNsid: 'shown',
}
