import type { Codec } from '../../attr/codec.ts'
import { decodeAttrs } from '../../attr/decode.ts'
import { encodeAttrs } from '../../attr/encode.ts'
import { DecodeError } from '../../bytes/data.ts'
import { LINK_HEADER, type LinkHeader } from './header.ts'
import { LINK, type LinkAttrs } from './link.ts'

/** A peer described at creation: header fields and link attributes of its own. */
export interface PeerInfo extends LinkAttrs {
  readonly header?: Partial<LinkHeader>
}

/** A link message inside an attribute: the header of 16 bytes, then link attributes. */
export const peerInfo: Codec<PeerInfo> = {
  kind: 'link message',
  policy: { type: 'unspec', min: LINK_HEADER.size },
  headerSize: LINK_HEADER.size,
  table: () => LINK,
  encode({ header = {}, ...attrs }, w) {
    LINK_HEADER.encode(header, w)
    encodeAttrs(LINK, attrs, w)
  },
  decode(data, start, end) {
    const body = start + LINK_HEADER.size
    if (body > end)
      throw new DecodeError(start, `peer info of ${end - start} bytes, expected at least ${LINK_HEADER.size}`)
    return { header: LINK_HEADER.decode(data, start, body), ...decodeAttrs(LINK, data, body, end) }
  },
}
