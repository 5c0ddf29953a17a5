import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { XdpRun } from './xdp-run/generate.ts'
import { XdpRunner } from './xdp-run/play.ts'

const FOLDER = join(import.meta.dirname, 'cases/xdp-run')

test.each(readdirSync(FOLDER))('test runs of XDP programs give what Linux 7.3 gave: %s', async (file) => {
  const runner = new XdpRunner()
  await runner.open()
  for (const line of readFileSync(join(FOLDER, file), 'utf8').trim().split('\n')) {
    const { answer, ...run } = JSON.parse(line) as XdpRun & { readonly answer: object }
    expect({ run, ...(await runner.run(run)) }).toEqual({ run, ...answer })
  }
})
