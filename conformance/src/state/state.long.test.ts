import { stateProperties } from './properties.ts'

stateProperties(200)
