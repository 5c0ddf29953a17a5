import { inherit } from './inherit.ts'
import type { Echo, Point } from './point.ts'

/**
 * A path ends because a point stood for it behind which not everything is known yet: itself, or one that it waits for. What is
 * read and asked for behind that point later counts for this path too, and until then nothing is certain of the points on it.
 */
export function echo(e: Echo): void {
  const head = e.target.open > 0 ? e.target : e.target.awaits
  if (!head) throw new Error('a point that is closed awaits nothing')
  head.echoes.push(e)
  for (let p = e.point; p && p !== head; p = p.parent) {
    // Then so do all between them.
    if (p.awaits && p.awaits.depth <= head.depth) break
    p.awaits = head
    head.waiting.push(p)
  }
}

/** A path ends that went on from a point. */
export function closePath(point: Point | undefined, live: Uint16Array): void {
  for (let p = point; p; p = p.parent) {
    p.open--
    if (p.open > 0) return
    if (p.echoes.length > 0 || p.waiting.length > 0) settle(p, live)
  }
}

/** All paths behind a point have ended: what those ask for that go round is what it asks for, until nothing is added. */
function settle(head: Point, live: Uint16Array): void {
  const { awaits, echoes, waiting } = head
  if (awaits) {
    for (const e of echoes) awaits.echoes.push(e)
    for (const p of waiting) {
      if (p.awaits !== head) continue
      p.awaits = awaits
      awaits.waiting.push(p)
    }
  } else {
    for (let isNews = true; isNews; ) {
      isNews = false
      for (const e of echoes) if (inherit(e.target, e.state, e, live)) isNews = true
    }
    for (const p of waiting) if (p.awaits === head) p.awaits = undefined
  }
  echoes.length = 0
  waiting.length = 0
}
