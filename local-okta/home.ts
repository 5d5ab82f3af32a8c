/** The home page of the org, the way back to the app, and the style of all pages. */
import { fileURLToPath } from 'node:url'
import { Router } from 'express'
import type { App } from './management/app.js'
import { textsIn } from './management/json.js'
import type { Org } from './management/org.js'
import { errorPage, page, toHtml } from './pages.js'
import { tileOf } from './tile.js'

const STYLE = fileURLToPath(new URL('local-okta.css', import.meta.url))

export function home(org: Org): Router {
  const router = Router()
  router.get('/', (_req, res) => void res.send(homePage(org)))
  router.get('/app', (_req, res) => {
    const [origin, ...others] = new Set(appsOf(org).flatMap(originsOf))
    if (origin === undefined) return void res.status(404).send(errorPage('There is no app', NO_APP))
    if (others.length === 0) return void res.redirect(`${origin}/`)
    res.send(page('Back to which app?', listed([origin, ...others].map(linkTo))))
  })
  router.get('/local-okta.css', (_req, res) => {
    // While the org is down, the page that says so cannot load it. So browsers may use the one that they have.
    res.set('Cache-Control', 'max-age=60, stale-while-revalidate=86400')
    res.sendFile(STYLE, { cacheControl: false })
  })
  return router
}

const NO_APP = 'No app of this org has a sign-in redirect URI with http or https.'

function homePage(org: Org): string {
  const apps = appsOf(org)
  return page(
    'Local Okta',
    `      <p>It imitates sign-in, tokens, sign-out, the Users API, and the management API calls that set an org up. It does not imitate passwords, factors, consent or the Admin Console.</p>
      <section aria-labelledby="org">
        <h2 id="org">The org</h2>
${facts([
  ['Okta domain', [org.url]],
  ['Issuers', [`${org.url}/oauth2/default`, org.url]],
])}
      </section>
${apps.map((app) => sectionOf(app, org.url)).join('\n')}${apps.length > 0 ? '' : `      <p class="problem">${NO_APP}</p>`}`,
    '/',
  )
}

function sectionOf(app: App, orgUrl: string): string {
  const tile = tileOf(app, orgUrl)
  const { redirect_uris, post_logout_redirect_uris } = app.sent.settings.oauthClient
  return `      <section aria-label="App: ${toHtml(app.sent.label)}">
        <h2>App: ${toHtml(app.sent.label)}</h2>
${facts([
  ['Client ID', [app.clientId]],
  ['Sign-in redirect URIs', textsIn(redirect_uris)],
  ['Sign-out redirect URIs', textsIn(post_logout_redirect_uris)],
])}
        <p>To the app: ${originsOf(app).map(linkTo).join(', ')}${tile ? `. <a href="${toHtml(tile)}">Open it as Okta’s dashboard does</a>` : ''}</p>
      </section>`
}

function facts(rows: [name: string, values: string[]][]): string {
  const items = rows.map(([name, values]) => {
    const all = values.map((value) => `<dd><code>${toHtml(value)}</code></dd>`)
    return `          <div><dt>${name}</dt>${all.join('') || '<dd>none</dd>'}</div>`
  })
  return `        <dl>\n${items.join('\n')}\n        </dl>`
}

function listed(items: string[]): string {
  return `      <ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>`
}

function linkTo(origin: string): string {
  return `<a href="${toHtml(origin)}/">${toHtml(origin)}</a>`
}

/** The apps to which a browser can go. */
function appsOf(org: Org): App[] {
  return org.apps.filter((app) => app.status === 'ACTIVE' && originsOf(app).length > 0)
}

/** Where an app lives, by its redirect URIs. */
function originsOf({ sent }: App): string[] {
  const uris = textsIn(sent.settings.oauthClient.redirect_uris).filter((uri) => /^https?:/i.test(uri))
  return [...new Set(uris.filter((uri) => URL.canParse(uri)).map((uri) => new URL(uri).origin))]
}
