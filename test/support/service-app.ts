/** For tests of a service app: asks the local Okta for access tokens, and is an org itself. */
import { createPrivateKey, type KeyObject, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { SignJWT } from 'jose'
import { onTestFinished } from 'vitest'
import type { LocalOkta } from '../../local-okta/server.js'

/** What a request has other than the right one. `undefined` leaves a claim or a field out. */
interface Changes {
  claims?: Record<string, unknown>
  key?: KeyObject
  form?: Record<string, string | undefined>
}

export async function tokenRequest(
  okta: LocalOkta,
  { claims, key, form }: Changes = {},
): Promise<RequestInit> {
  const { clientId, privateKey } = okta.serviceApp
  const right = {
    iss: clientId,
    sub: clientId,
    aud: `${okta.orgUrl}/oauth2/v1/token`,
    exp: Math.floor(Date.now() / 1000) + 60,
    jti: randomUUID(),
  }
  const assertion = new SignJWT({ ...right, ...claims }).setProtectedHeader({ alg: 'RS256' })
  const fields = {
    grant_type: 'client_credentials',
    scope: 'okta.users.read',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertion.sign(key ?? createPrivateKey(privateKey)),
    ...form,
  }
  return { method: 'POST', body: new URLSearchParams(JSON.parse(JSON.stringify(fields))) }
}

export async function askForToken(
  okta: LocalOkta,
  changes: Changes = {},
  init: RequestInit = {},
): Promise<Response> {
  return fetch(`${okta.orgUrl}/oauth2/v1/token`, { ...(await tokenRequest(okta, changes)), ...init })
}

interface Heard {
  url: string
  headers: IncomingHttpHeaders
  body: string
}

/** Starts an org that gives tokens to anybody, and whose Users API knows Lion-O. @returns what it hears */
export async function startOrg({ people }: LocalOkta): Promise<{ OKTA_ORG_URL: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (req, res) => {
    heard.push({ url: String(req.url), headers: req.headers, body: await text(req) })
    const token = { access_token: 'the-token', token_type: 'Bearer', expires_in: 3600 }
    const user = { id: people[0]?.id, status: 'ACTIVE', profile: { firstName: 'Lion-O' } }
    res
      .setHeader('Content-Type', 'application/json')
      .end(JSON.stringify(req.method === 'POST' ? token : user))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  return { OKTA_ORG_URL: `http://localhost:${(server.address() as AddressInfo).port}`, heard }
}
