/**
 * Universal Logout, as Okta sends it when an administrator ends a person's sessions: a request to the app, with a token
 * that the org has signed. https://developer.okta.com/docs/guides/oin-universal-logout-overview/
 */
import { createPrivateKey, type JsonWebKey, randomUUID, sign } from 'node:crypto'
import express, { Router } from 'express'
import type { JWK } from './oidc-provider.js'
import { page, toHtml } from './pages.js'
import { type LocalPerson, nameOf } from './people.js'

const LIFE_SECONDS = 5 * 60

/** How a request shall differ from Okta's. A member that is `undefined` is left out. */
export interface UniversalLogoutChanges {
  /** How the request names the person. By default by issuer and subject. Okta's own default is the e-mail address. */
  format?: 'iss_sub' | 'email' | 'opaque'
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  /** Signs the token's first two parts, in base64url. By default with the org's key. */
  sign?: (input: string) => string
  /** By default `{ sub_id }`; a text is sent as it is. */
  body?: unknown
  method?: string
  headers?: Record<string, string | undefined>
  /** By default the app's address, which is also the audience of the token. */
  url?: string
  /** Sends the request; by default the global `fetch`. */
  fetch?: (url: string, init: RequestInit & { headers: Record<string, string> }) => Promise<Response>
}

export interface UniversalLogoutParts {
  orgUrl: string
  /** The endpoint of the app; `undefined` while the org has no app. */
  endpoint(): string | undefined
  signingKey(): JWK
  people: LocalPerson[]
  skewSeconds(): number
  /** Ends the person's sessions at Okta. */
  endSessions(personId: string): void
}

export type SendUniversalLogout = (
  person: Pick<LocalPerson, 'id' | 'profile'>,
  changes?: UniversalLogoutChanges,
) => Promise<Response>

export function createUniversalLogout(parts: UniversalLogoutParts) {
  const send = sender(parts)
  return { send, page: pageOf(parts, send) }
}

function sender(parts: UniversalLogoutParts): SendUniversalLogout {
  return async function sendUniversalLogout(person, changes = {}) {
    const { method = 'POST', format = 'iss_sub', fetch: send = fetch } = changes
    const endpoint = parts.endpoint()
    const now = Math.floor(Date.now() / 1000) + parts.skewSeconds()
    const claims = {
      iss: parts.orgUrl,
      sub: parts.orgUrl,
      aud: endpoint,
      jti: randomUUID(),
      iat: now,
      nbf: now,
      exp: now + LIFE_SECONDS,
      ...changes.claims,
    }
    const { kid } = parts.signingKey()
    const header = { alg: 'RS256', typ: 'global-token-revocation+jwt', kid, ...changes.header }
    const input = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = (changes.sign ?? signer(parts.signingKey()))(input)
    const { body = { sub_id: subject(person, format, parts.orgUrl) } } = changes
    const headers = {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      Connection: 'close', // the app may have restarted before the next one
      Authorization: `Bearer ${input}.${signature}`,
      ...changes.headers,
    }
    return send(changes.url ?? String(endpoint), {
      method,
      redirect: 'manual',
      headers: JSON.parse(JSON.stringify(headers)),
      ...(method !== 'GET' && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  }
}

/** @param key a private RSA key */
export function signer(key: JWK): (input: string) => string {
  const privateKey = createPrivateKey({ key: key as JsonWebKey, format: 'jwk' })
  return (input) => sign('sha256', Buffer.from(input), privateKey).toString('base64url')
}

function subject(
  { id, profile: { email } }: Pick<LocalPerson, 'id' | 'profile'>,
  format: 'iss_sub' | 'email' | 'opaque',
  iss: string,
) {
  return { iss_sub: { format, iss, sub: id }, email: { format, email }, opaque: { format, id } }[format]
}

/** The page on which a developer is the administrator who ends a person's sessions. It works without JavaScript. */
function pageOf(parts: UniversalLogoutParts, send: SendUniversalLogout): Router {
  const router = Router()

  router.get('/', (_req, res) => {
    const buttons = parts.people.map((person) => {
      const login = toHtml(String(person.profile.login))
      return `        <button type="submit" name="person" value="${login}"><strong>${toHtml(nameOf(person))}</strong> <span>end all sessions</span></button>`
    })
    const body = `      <p>An administrator ends the sessions of a person, at Okta and in the app (Universal Logout). The app is asked at <code>${toHtml(String(parts.endpoint()))}</code>.</p>
      <form method="post" action="/universal-logout">
${buttons.join('\n')}
      </form>`
    res.set('Cache-Control', 'no-store').send(page('Sign a person out', body))
  })

  router.post('/', express.urlencoded({ extended: false }), async (req, res) => {
    const login = (req.body as { person?: unknown } | undefined)?.person
    const person = parts.people.find(({ profile }) => profile.login === login)
    if (!person) return void res.status(400).send(page('Nobody here has this login', '      <p>Go back.</p>'))
    parts.endSessions(person.id)
    const answer = await send(person).then(
      ({ status }) => `The app answered ${status}. Okta’s word for “done” is 204.`,
      () => 'The app did not answer.',
    )
    const again = '      <p><a href="/universal-logout">Sign a person out</a></p>'
    res.send(page(`${nameOf(person)} is signed out at Okta`, `      <p>${answer}</p>\n${again}`))
  })
  return router
}
