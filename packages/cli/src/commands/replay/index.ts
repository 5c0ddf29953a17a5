/** Recordings of what a kernel answered, and what plays them. For whoever has another kernel to play them to. */
export { type Difference, Replayer, type StepResult } from './engine.ts'
export { type Recording, readRecording } from './recording.ts'
