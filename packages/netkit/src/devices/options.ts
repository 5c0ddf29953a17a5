import type { LinkAttrs, NetkitData } from '@netkit/netlink'
import type { NamespaceTarget, Where } from '../places/namespace.ts'
import type { DeviceSelector } from './selector.ts'

/** Attributes that go to the kernel as they are, under the names of the link table. */
type Plain = Pick<
  LinkAttrs,
  | 'mtu'
  | 'address'
  | 'broadcast'
  | 'txqlen'
  | 'group'
  | 'linkmode'
  | 'operstate'
  | 'gsoMaxSize'
  | 'gsoMaxSegs'
  | 'groMaxSize'
  | 'gsoIpv4MaxSize'
  | 'groIpv4MaxSize'
>

/** Switches of a device. What is absent stays as it is. */
export interface DeviceFlags {
  /** Administratively up. */
  readonly up?: boolean
  /** Resolves neighbours' addresses (the opposite of IFF_NOARP). */
  readonly arp?: boolean
  readonly multicast?: boolean
  /** Takes frames for any address. */
  readonly promisc?: boolean
  /** Takes all multicast frames. */
  readonly allmulticast?: boolean
  readonly dynamic?: boolean
}

/**
 * What can be set on any device, at any time. What is absent is not sent, so that it stays as it is, or as the kernel
 * makes it. `mtu` in bytes, `txqlen` 0 to 32767 packets, `gso…` and `gro…` as `ip link` has them.
 */
export interface DeviceSettings extends Plain, DeviceFlags {
  /** 1 to 15 bytes without '/', ':' and white space. `%d` in it stands for the lowest free number. */
  readonly name?: string
  /** Free text, at most 255 bytes; empty takes it away. */
  readonly alias?: string
  /** The device that it is enslaved to; null releases it. */
  readonly master?: DeviceSelector | null
}

/** What can be given to a device that is made. */
export interface BirthSettings extends Omit<DeviceSettings, 'master'> {
  /** Wanted ifindex; EBUSY if it is taken. Default: the next one. */
  readonly ifindex?: number
  /** Room for receive queues, 1 to 1024 of netkit. Each lease takes one; queue 0 cannot be leased. Default 1. */
  readonly numRxQueues?: number
  /** Transmit queues, 1 of netkit. Default 1. */
  readonly numTxQueues?: number
  readonly altnames?: readonly string[]
}

/**
 * The other end of a pair that is made. Without this the kernel makes it like the device itself; with it, it has what is
 * given here and defaults otherwise.
 */
export interface PeerOptions extends BirthSettings {
  /** The namespace that it is put into. Default: that of the device. */
  readonly namespace?: NamespaceTarget
}

/** Parameters of a netkit pair. Defaults: mode l3, policies forward, scrub default, no head- or tailroom. */
export interface NetkitPairData
  extends Pick<NetkitData, 'mode' | 'policy' | 'peerPolicy' | 'scrub' | 'peerScrub' | 'headroom' | 'tailroom'> {
  readonly pairing?: 'pair'
}

/** Parameters of a netkit device without a peer: it has no policy and no scrub. Linux 7.1. */
export interface NetkitSingleData extends Pick<NetkitData, 'mode' | 'headroom' | 'tailroom'> {
  readonly pairing: 'single'
}

interface Birth extends BirthSettings, Where {
  /** Attributes that are added to the request as they are, unchecked; they win over what the options say. */
  readonly raw?: LinkAttrs
}

export interface NetkitPairOptions extends Birth {
  readonly kind: 'netkit'
  readonly data?: NetkitPairData
  readonly peer?: PeerOptions
}

export interface NetkitSingleOptions extends Birth {
  readonly kind: 'netkit'
  readonly data: NetkitSingleData
  readonly peer?: undefined
}

export interface VethOptions extends Birth {
  readonly kind: 'veth'
  readonly data?: undefined
  readonly peer?: PeerOptions
}

export interface DummyOptions extends Birth {
  readonly kind: 'dummy'
  readonly data?: undefined
  readonly peer?: undefined
}

/** A device to make. `in`: where; `name` absent: the kernel chooses one. */
export type AddOptions = NetkitPairOptions | NetkitSingleOptions | VethOptions | DummyOptions

/** A pair to make, of kind netkit unless it says veth. */
export type PairOptions = (Omit<NetkitPairOptions, 'kind'> & { readonly kind?: 'netkit' }) | VethOptions

/** What can be changed later about a netkit pair, through its primary: what happens to packets without a program. */
export type NetkitChange = Pick<NetkitData, 'policy' | 'peerPolicy'>
