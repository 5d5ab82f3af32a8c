/** Writes the app's views to bench/views as stock EJS wants them: partials by relative names, addresses of assets as text. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createAssets } from '../dist/web/assets.js'
import { VIEWS } from './contestants/page.js'

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const own = folder('../views')
const { href } = createAssets('/assets', { development: false })

mkdirSync(`${VIEWS}/partials`, { recursive: true })
for (const name of readdirSync(own, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.ejs')) continue
  const here = name.startsWith('partials') ? '' : 'partials/'
  const text = readFileSync(`${own}/${name}`, 'utf8')
    .replaceAll("include('partials/", `include('${here}`)
    .replace(/<%= asset\('([\w.]+)'\) %>/g, (_, file) => href(file))
  writeFileSync(`${VIEWS}/${name}`, text)
}
