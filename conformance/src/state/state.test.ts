import { stateProperties } from './properties.ts'

stateProperties(12)
