import { capableIn } from '../access/credentials.ts'
import type { UserNamespace } from '../access/user-namespace.ts'
import type { Request } from './request.ts'

/** Whether a request may do what takes a capability over `target`: its sender must have it and whoever opened the socket. */
export const netlinkCapable = (req: Request, target: UserNamespace, capability: number): boolean =>
  capableIn(req.sender, target, capability) &&
  (req.socket.opener === req.sender || capableIn(req.socket.opener, target, capability))
