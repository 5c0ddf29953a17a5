import { BPF_COMMANDS } from '@netkit/bpf'

const C = BPF_COMMANDS

/** bpf(2) has no extended acknowledgements: what error numbers mean there is said here. Source: spec 02 §2.4 to §2.9, §6.1. */
type Meanings = Readonly<Record<string, string>>

const ATTACH: Meanings = {
  EACCES: 'it is the peer of a pair: programs of both ends are attached through the primary',
  ENXIO: 'it is no netkit device',
  EOPNOTSUPP: 'a single device, which has no peer, runs no programs',
  ENODEV: 'there is no such device, or its peer has gone',
  EEXIST: 'the program is attached there already',
  ESTALE: 'programs were attached or detached meanwhile: the revision is another',
  ENOENT: 'what the position or the replacement refers to is not attached there',
  EBUSY: 'the program belongs to a link: update or detach that',
  ERANGE: 'no program can be at that position, or 63 are attached',
}

const DETACH: Meanings = { ...ATTACH, ENOENT: 'it is not attached there', ERANGE: 'no program is at that position' }

const PIN: Meanings = {
  EEXIST: 'something is pinned there already',
  ENOENT: 'nothing is pinned there, or the folder is missing',
  EPERM: 'the path is not in a BPF file system, or may not be written: mount one by mount -t bpf bpf /sys/fs/bpf',
  EISDIR: 'the path is a folder',
  EINVAL: 'the path is not in a BPF file system: mount one by mount -t bpf bpf /sys/fs/bpf',
}

const ELEMENT: Meanings = {
  ENOENT: 'there is no such element',
  EEXIST: 'there is such an element already',
  E2BIG: 'the map is full, or the index is beyond its end',
  ENOTSUPP: 'maps of this type have no such operation',
  EOPNOTSUPP: 'maps of this type have no such operation',
  EPERM: 'the map is frozen, or may not be read or written so',
}

const ID: Meanings = { ENOENT: 'there is none with this id', EPERM: 'CAP_SYS_ADMIN is required' }

const MEANINGS: ReadonlyMap<number, Meanings> = new Map<number, Meanings>([
  [C.progAttach.id, ATTACH],
  [C.linkCreate.id, ATTACH],
  [C.progQuery.id, ATTACH],
  [C.progDetach.id, DETACH],
  [
    C.linkUpdate.id,
    {
      ...ATTACH,
      ENOLINK: 'its device has gone, or it was detached',
      EPERM: 'the program that it has is another',
    },
  ],
  [C.objPin.id, PIN],
  [C.objGet.id, PIN],
  [C.mapLookupElem.id, ELEMENT],
  [C.mapUpdateElem.id, ELEMENT],
  [C.mapDeleteElem.id, ELEMENT],
  [C.mapLookupAndDeleteElem.id, ELEMENT],
  [C.mapGetNextKey.id, ELEMENT],
  [C.mapCreate.id, { EINVAL: 'maps of this type do not take these sizes or flags', E2BIG: 'it would be too large' }],
  [C.progLoad.id, { EPERM: 'CAP_BPF and CAP_NET_ADMIN are required' }],
  [C.progGetFdById.id, ID],
  [C.mapGetFdById.id, ID],
  [C.linkGetFdById.id, ID],
  [C.btfGetFdById.id, ID],
])

/** What an error of a command means; undefined where the error's own name says it. */
export const meaningOf = (command: number, code: string): string | undefined => MEANINGS.get(command)?.[code]
