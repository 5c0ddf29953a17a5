import type { Request } from '../request.ts'

/** Refuses with a text, where someone asked; the kernel's own wishes have nobody to tell. */
export const refuse = (req: Request | undefined, code: number, text: string): number =>
  req === undefined ? -code : req.refuse(code, text)
