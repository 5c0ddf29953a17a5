/** `npm run flame`: where the time of packets with programs goes, as docs/images/packet-path.svg, and what they allocate. */
import { writeFileSync } from 'node:fs'
import { draw } from './draw.ts'
import { profile } from './profile.ts'
import { scenario } from './scenario.ts'

const OUT = 'docs/images/packet-path.svg'

const { flame, packets, allocated } = await profile(await scenario())
const bytes = [...allocated.values()].reduce((sum, size) => sum + size, 0)
writeFileSync(OUT, `${await draw(flame)}\n`)
console.log(`${OUT}: ${(flame.value / packets) * 1000} ns a packet`)
console.log(`${bytes} bytes allocated by ${packets.toLocaleString('en')} packets: ${bytes / packets} a packet`)
for (const [name, size] of allocated) console.log(`  ${name || '(anonymous)'}: ${size}`)
