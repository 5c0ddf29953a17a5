import { parentPort } from 'node:worker_threads'
import { NETLINK_ROUTE } from '@netkit/netlink'
import { linux } from '../linux.ts'
import { nextOf } from './requests.ts'

/** A worker that waits for what does not come. */
const doors = await linux()()
void nextOf(await doors.netlink({ protocol: NETLINK_ROUTE }))
setTimeout(() => parentPort?.postMessage('waiting'), 20)
