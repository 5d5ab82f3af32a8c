/**
 * A process of its own: the local Okta for signing in, and beside it a Users API that knows everybody and answers as
 * late as it is told to. The local Okta's own knows five people.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { startLocalOkta } from '../local-okta/server.js'
import { environmentFor } from '../test/support/lair.js'
import { answerQuestions } from './processes.js'

export type OktaQuestion =
  | { environment: true }
  | { register: string }
  | { delayMs: number }
  | { calls: true }

const okta = await startLocalOkta()
let delayMs = 0
let calls = 0

const users = createServer((req, res) => {
  calls++
  const id = /^\/api\/v1\/users\/(00u\d{17})$/.exec(req.url ?? '')?.[1]
  if (id === undefined || req.headers.authorization !== `SSWS ${okta.apiToken}`) {
    return void res.writeHead(401).end()
  }
  const answer = () => {
    res.setHeader('Content-Type', 'application/json')
    res.end(JSON.stringify(record(id)))
  }
  if (delayMs === 0) answer()
  else setTimeout(answer, delayMs)
})
users.listen(0, '127.0.0.1')
await once(users, 'listening')
const usersUrl = `http://localhost:${(users.address() as AddressInfo).port}`

/** Of the size of Okta's; all have names of one length, so that pages are of one size. */
function record(id: string) {
  const since = '2025-01-23T10:00:00.000Z'
  const number = Number(id.slice(3))
  const login = `${number === 1 ? 'lion-o' : String(number).padStart(6, '0')}@thundera.example`
  return {
    id,
    status: 'ACTIVE',
    created: since,
    activated: since,
    statusChanged: since,
    lastLogin: since,
    lastUpdated: since,
    passwordChanged: since,
    type: { id: 'oty00000000000000001' },
    profile: {
      firstName: 'Lion-O',
      lastName: 'of Thundera',
      login,
      email: login,
      mobilePhone: null,
      secondEmail: null,
    },
    _links: { self: { href: `${usersUrl}/api/v1/users/${id}` } },
  }
}

answerQuestions<OktaQuestion>(async (question) => {
  if ('register' in question) return okta.register(question.register)
  if ('delayMs' in question) {
    delayMs = question.delayMs
    return
  }
  if ('calls' in question) return calls
  return { ...environmentFor(okta), OKTA_ISSUER: okta.issuer, OKTA_ORG_URL: usersUrl }
})
