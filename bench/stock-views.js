/**
 * Writes the app's views to bench/views as stock EJS wants them: no `partial` of ours, addresses of assets as text. Each
 * page is one file that includes nothing; in bench/views/with-includes, it includes what it includes in the app.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { SITE } from '../dist/site.js'
import { createAssets } from '../dist/web/assets.js'
import { VIEWS, VIEWS_WITH_INCLUDES } from './contestants/page.js'

const folder = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url))
const own = folder('../views')
const { href } = createAssets('/assets', { development: false })

/** `<%- partial('head', { title: 'The Lair' }) -%>` */
const PARTIAL = /<%- partial\('(\w+)'(?:, (\{.*\}))?\) (-?)%>(\n?)/g

mkdirSync(`${VIEWS_WITH_INCLUDES}/partials`, { recursive: true })
for (const page of ['landing.ejs', 'lair.ejs']) writeFileSync(`${VIEWS}/${page}`, flat(stock(page)))
for (const name of readdirSync(own, { recursive: true, encoding: 'utf8' })) {
  if (!name.endsWith('.ejs')) continue
  const here = name.startsWith('partials') ? '' : 'partials/'
  const text = stock(name).replace(PARTIAL, (_, partial, locals = '{}', trim, end) => {
    return `<%- include('${here}${partial}', ${locals}) ${trim}%>${end}`
  })
  writeFileSync(`${VIEWS_WITH_INCLUDES}/${name}`, text)
}

/** @param {string} name @returns {string} with variables as stock EJS has them: found through `with`, and included ones too */
function stock(name) {
  return readFileSync(`${own}/${name}`, 'utf8')
    .replace(/^<% const \{.*\} = locals -%>\n/, '')
    .replace(', asset, notice, person, user })', ' })')
    .replace(/<%= asset\('([\w.]+)'\) %>/g, (_, file) => href(file))
    .replace(/<%= site\.([\w.]+) %>/g, (_, path) => ofSite(path))
    .replace(/\bsite\.(\w+)/g, (_, name) => `'${ofSite(name)}'`)
}

/** @param {string} path such as `themeColor.light` */
function ofSite(path) {
  const [name = '', key = ''] = path.split('.')
  const value = SITE[/** @type {keyof typeof SITE} */ (name)]
  return typeof value === 'string' ? value : value[/** @type {keyof typeof value} */ (key)]
}

/** @param {string} text @returns {string} with its partials in place, and in them what they are given as text */
function flat(text) {
  return text.replace(PARTIAL, (_, partial, locals = '', trim, end) => {
    let inner = flat(stock(`partials/${partial}.ejs`))
    for (const [, name, value] of locals.matchAll(/(\w+): '([^']*)'/g)) {
      inner = inner.replaceAll(`<%= ${name} %>`, value).replaceAll(`${name} ===`, `'${value}' ===`)
    }
    return trim ? inner : inner + end
  })
}
