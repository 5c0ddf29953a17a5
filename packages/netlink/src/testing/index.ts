export * from './answers.ts'
export * from './played-kernel.ts'
export * from './played-socket.ts'
