import { build } from 'esbuild'
import { chromium } from 'playwright'
import type { Flame } from './profile.ts'

const WIDTH = 1200
const GROWING_MS = 1000
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Code for a page: draws the flames into its body; gives the drawing, with its labels, which are HTML there, as text of SVG. */
const PAGE = `
  import flamegraph from 'd3-flame-graph'
  import { select } from 'd3-selection'
  globalThis.draw = (data) => void select(document.body).append('div').datum(data)
    .call(flamegraph().width(${WIDTH}).cellHeight(18).minFrameSize(2).inverted(false).selfValue(false).transitionDuration(0))
  globalThis.drawn = () => {
    const svg = document.querySelector('svg')
    svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
    svg.setAttribute('font-family', 'monospace')
    svg.setAttribute('font-size', '11')
    for (const label of svg.querySelectorAll('foreignObject')) {
      const room = Math.floor(Number(label.getAttribute('width')) / 7)
      const text = document.createElementNS(svg.namespaceURI, 'text')
      text.textContent = room < 3 ? '' : label.textContent.slice(0, room)
      text.setAttribute('x', '3')
      text.setAttribute('y', '13')
      label.replaceWith(text)
    }
    const title = document.createElementNS(svg.namespaceURI, 'title')
    title.textContent = 'Flame graph of packets with programs'
    svg.prepend(title)
    return svg.outerHTML
  }`

/** A flame graph as an SVG document, drawn in the machine's Chromium. */
export async function draw(flame: Flame): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: PAGE, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    loader: { '.css': 'empty' },
    write: false,
  })
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage({ viewport: { width: WIDTH, height: 800 } })
    await page.addScriptTag({ content: outputFiles[0].text })
    await page.evaluate(`draw(${JSON.stringify(flame)})`)
    // It grows to its size, even if that is to take no time.
    await page.waitForTimeout(GROWING_MS)
    return await page.evaluate<string>('drawn()')
  } finally {
    await browser.close()
  }
}
