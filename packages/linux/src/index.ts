export * from './ffi/flock.ts'
export * from './ffi/peercred.ts'
