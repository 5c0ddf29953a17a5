import { MAP_FLAG, MAP_TYPE } from '@netkit/bpf'
import type { MapTemplate } from '../objects/map.ts'

/** Whether a map can be put where a template says what is wanted. Arrays are compiled into programs, with their length. */
export function fitsTemplate(spec: MapTemplate, template: MapTemplate): boolean {
  const { type, keySize, valueSize, flags } = template
  const like = spec.type === type && spec.keySize === keySize && spec.valueSize === valueSize && spec.flags === flags
  return (
    like && (type !== MAP_TYPE.array || (flags & MAP_FLAG.innerMap) !== 0 || spec.maxEntries === template.maxEntries)
  )
}
