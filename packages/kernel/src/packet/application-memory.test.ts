import { describe, expect, test } from 'vitest'
import { ApplicationMemory } from './application-memory.ts'
import { PacketMemory } from './memory.ts'

describe('memory of applications', () => {
  const make = () => {
    const memory = new PacketMemory()
    return { memory, application: new ApplicationMemory(() => memory) }
  }

  test('is whole pages, zeroed', () => {
    const { memory, application } = make()
    const region = application.map(5000)
    expect(region).toMatchObject({ length: 8192 })
    expect((region?.offset ?? 1) % 4096).toBe(0)
    expect(memory.u8.subarray(region?.offset, (region?.offset ?? 0) + 8192).every((b) => b === 0)).toBe(true)
  })

  test('stays as long as the kernel uses it', () => {
    const { memory, application } = make()
    const region = application.map(4096)
    if (!region) throw new Error('no memory')
    const pin = application.pin(region.offset + 1, 100)
    application.unmap(region)
    expect([...memory.regions]).toContain(region)
    expect(application.pin(region.offset, 1)).toBeUndefined()
    if (pin) application.unpin(pin)
    expect([...memory.regions]).not.toContain(region)
  })

  test('cannot be pinned beyond its end, nor elsewhere', () => {
    const { application } = make()
    const region = application.map(4096)
    if (!region) throw new Error('no memory')
    expect(application.pin(region.offset, 4097)).toBeUndefined()
    expect(application.pin(0, 16)).toBeUndefined()
    expect(application.pin(region.offset, 4096)).toBe(region)
  })
})
