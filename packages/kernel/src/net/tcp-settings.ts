/** What an administrator may set of TCP in a namespace: net.ipv4.tcp_*. Defaults are those of Linux. */
export class TcpSettings {
  congestionControl = 'cubic'
  timestamps = 1
  sack = 1
  windowScaling = 1
  /** Repetitions: of a SYN, of a SYN that answers one, of data; of data of a socket that nobody has any more (0: 8). */
  synRetries = 6
  synackRetries = 5
  retries2 = 15
  orphanRetries = 0
  /** Seconds. */
  finTimeout = 60
  keepaliveTime = 7200
  keepaliveInterval = 75
  keepaliveProbes = 9
  maxSynBacklog = 512
  maxBacklog = 4096
  /** Answer a connection for which there is no room with a reset. */
  abortOnOverflow = 0
  /** Bytes: least, default, most. */
  readonly receiveMemory = [4096, 131_072, 6_291_456]
  readonly sendMemory = [4096, 16_384, 4_194_304]
  /** Whether buffers grow by themselves. */
  moderateReceiveBuffer = 1
  /** Milliseconds between two ACKs of segments that cannot be taken. */
  invalidRateLimit = 500
  /** Window and slow start after a pause. */
  slowStartAfterIdle = 1
  /** Bit 0: find tail losses by probes and time. */
  recovery = 1
}
