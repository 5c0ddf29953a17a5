import { register } from 'tsx/esm/api'

// A worker does not inherit the loader of the tests.
register()
await import('./echo.ts')
