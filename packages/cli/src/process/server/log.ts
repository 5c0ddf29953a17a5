import { type Logger, pino } from 'pino'
import { RotatingFile } from './rotating-file.ts'

export type Log = Logger

/** The log takes up to twice this: the file that is written and the one before. */
const LOG_BYTES = 2 * 1024 * 1024

/** A log of JSON lines in a file of bounded size. NETKIT_LOG sets the least level that is written, default `info`. */
export function openLog(path: string, level = 'info', maxBytes = LOG_BYTES): Log {
  const known = pino.levels.values[level] !== undefined || level === 'silent'
  const log = pino(
    { level: known ? level : 'info', base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime },
    new RotatingFile(path, maxBytes),
  )
  if (!known) log.warn({ level }, 'NETKIT_LOG is not a level')
  return log
}
