import { join } from 'node:path'

/** Cases and what Linux 7.3 made of them, one a line. */
export const RECORDED = join(import.meta.dirname, '../cases/bpf-skb/linux-7.3.jsonl')
