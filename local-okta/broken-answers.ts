/** The ways in which an answer of the org can fail, each with its name, its label, and what is sent instead. */
import type { ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { oktaError } from './okta-error.js'

/** What the app depends on. */
export type Dependency = 'discovery' | 'keys' | 'token' | 'users' | 'groups' | 'credentials'
/** The app does not ask the management API; a set-up does. */
type Failing = Dependency | 'management'

export interface Asked {
  res: ServerResponse
  /** The right answer, if it is JSON. */
  right: unknown
  /** The time by the org's clock. */
  nowMs: number
  /** Leaves the response open until the fault is switched off. */
  hold(): void
}

export interface BrokenAnswer {
  name: string
  label: string
  /** `null`: the org sends the right answer, but late. */
  answer: ((asked: Asked) => void) | null
}

const SUBJECTS: Record<Failing, string> = {
  discovery: 'Discovery',
  keys: 'The keys endpoint',
  token: 'The token endpoint',
  users: 'The Users API',
  groups: 'The list of a person’s groups',
  management: 'The management API',
  credentials: 'The org’s token endpoint',
}

const PAGE = '<!doctype html><html lang="en"><title>Gateway</title><h1>Please try again later</h1></html>'
const CUT_OFF = '{"id":"00u00000000000000001","status":"ACTIVE","issuer":"http://loc'
const RATE_LIMIT_SECONDS = 20

type Row = [name: string, label: string, answer: BrokenAnswer['answer']]

const EVERYWHERE: Row[] = [
  ['drops', 'closes the connection without an answer', ({ res }) => void res.destroy()],
  ['hangs', 'never answers', ({ hold }) => hold()],
  ['stalls', 'stops in the middle of an answer', stall],
  ['slow', 'answers 250 ms late', null],
  ['rate-limited', `says 429, too many requests, for ${RATE_LIMIT_SECONDS} seconds`, limit],
  ['500', 'says 500 in Okta’s words', error(500, 'E0000009', 'Internal Server Error')],
  ['503', 'says 503 with a web page, as a proxy does', ({ res }) => send(res, 503, PAGE, 'text/html')],
  ['html', 'says 200 with a web page', ({ res }) => send(res, 200, PAGE, 'text/html')],
  ['broken-json', 'answers with JSON that is cut off', ({ res }) => send(res, 200, CUT_OFF)],
  ['wrong-shape', 'answers with JSON about something else', json(200, { hello: 'world' })],
  ['empty', 'answers with nothing in it', ({ res }) => send(res, 200, '')],
  ['huge', 'answers with more than 20 MB', flood],
  ['redirects', 'redirects to another origin', redirect],
]

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="Okta"' }
const ELSEWHERE = '<https://elsewhere.example/groups?after=1>; rel="next"'
const NO_FEATURE = 'You do not have permission to access the feature you are requesting'
const NO_TOKEN = 'Invalid token provided'
const INVALID = 'Api validation failed: label'
const CAUSE = 'label: The field is too long'
const READ_ONLY = 'Service is in read only mode'
const NO_RIGHT = 'You do not have permission to perform the requested action'

const OAUTH_ERRORS: Record<string, string> = {
  invalid_client: 'Client authentication failed. Either the client or the client credentials are invalid.',
  invalid_scope: 'You are not allowed any of the requested scopes.',
  invalid_dpop_proof: 'The DPoP proof JWT header is missing.',
}

const SPECIFIC: Row[] = [
  ['discovery-other-issuer', 'Discovery names another issuer', change({ issuer: 'https://other.example' })],
  ['discovery-feature-not-enabled', 'The org has no custom authorization servers', withoutCustomServers],
  ['token-invalid-client', 'The client secret is wrong', json(401, { error: 'invalid_client' }, CHALLENGE)],
  ['token-invalid-grant', 'The code is not accepted', json(400, { error: 'invalid_grant' })],
  ['users-token-revoked', 'The API token is revoked', error(401, 'E0000011', NO_TOKEN)],
  ['users-right-missing', 'The API token may not read users', error(403, 'E0000006', NO_RIGHT)],
  ['users-null', 'The Users API answers null', json(200, null)],
  ['users-list', 'The Users API answers with an empty list', json(200, [])],
  ['users-no-profile', 'The Users API leaves the profile out', change({ profile: undefined })],
  ['groups-right-missing', 'The app may not read a person’s groups', error(403, 'E0000006', NO_RIGHT)],
  [
    'groups-elsewhere',
    'The list of a person’s groups goes on at another origin',
    ({ res }) => send(res, 200, '[]', 'application/json', { Link: ELSEWHERE }),
  ],
  ['management-token-revoked', 'The API token of a set-up is revoked', error(401, 'E0000011', NO_TOKEN)],
  [
    'management-token-not-admin',
    'The API token may read, and change nothing',
    error(403, 'E0000006', NO_RIGHT),
  ],
  ['management-no-super-admin', 'The API token may not grant rights', error(403, 'E0000006', NO_RIGHT)],
  [
    'management-no-api-access-management',
    'The org has no custom servers and no API for them',
    error(401, 'E0000015', NO_FEATURE),
  ],
  [
    'management-validation',
    'The management API finds every change invalid',
    error(400, 'E0000001', INVALID, [CAUSE]),
  ],
  ['management-read-only', 'The org is in read-only mode', error(503, 'E0000010', READ_ONLY)],
  ['credentials-invalid-client', 'The org does not know the service app', oauth(401, 'invalid_client')],
  ['credentials-invalid-scope', 'The service app was not granted the scope', oauth(400, 'invalid_scope')],
  ['credentials-dpop-required', 'The service app must prove possession', oauth(400, 'invalid_dpop_proof')],
]

export function brokenAnswers(dependency: Failing): BrokenAnswer[] {
  const everywhere = EVERYWHERE.map(([name, label, answer]): Row => {
    return [`${dependency}-${name}`, `${SUBJECTS[dependency]} ${label}`, answer]
  })
  const specific = SPECIFIC.filter(([name]) => name.startsWith(dependency))
  return [...everywhere, ...specific].map(([name, label, answer]) => ({ name, label, answer }))
}

function send(res: ServerResponse, status: number, body: string, type = 'application/json', headers = {}) {
  res.writeHead(status, { 'Content-Type': type, ...headers }).end(body)
}

function json(status: number, body: unknown, headers = {}) {
  return ({ res }: Asked) => send(res, status, JSON.stringify(body), 'application/json', headers)
}

function error(status: number, code: string, summary: string, causes?: string[]) {
  return (asked: Asked) => json(status, oktaError(code, summary, causes))(asked)
}

function oauth(status: number, error: string) {
  return json(status, { error, error_description: OAUTH_ERRORS[error] })
}

/** The right answer with some members changed. */
function change(members: object) {
  return (asked: Asked) => json(200, { ...(asked.right as object), ...members })(asked)
}

/** The org's own authorization server is there in every org. */
function withoutCustomServers(asked: Asked): void {
  const { issuer } = asked.right as { issuer: string }
  const isCustom = issuer.includes('/oauth2/')
  const answer = isCustom ? error(401, 'E0000015', NO_FEATURE) : json(200, asked.right)
  answer(asked)
}

function stall({ res, hold }: Asked): void {
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': CUT_OFF.length * 2 })
  res.write(CUT_OFF)
  hold()
}

function limit(asked: Asked): void {
  const headers = {
    'X-Rate-Limit-Limit': '600',
    'X-Rate-Limit-Remaining': '0',
    'X-Rate-Limit-Reset': String(Math.floor(asked.nowMs / 1000) + RATE_LIMIT_SECONDS),
    Date: new Date(asked.nowMs).toUTCString(),
  }
  json(429, oktaError('E0000047', 'API call exceeded rate limit due to too many requests.'), headers)(asked)
}

function flood({ res, hold }: Asked): void {
  res.writeHead(200, { 'Content-Type': 'application/json' })
  pipeline(Readable.from(padding()), res, () => undefined) // ends, too, when the client has gone
  hold()
}

function* padding(): Generator<string> {
  const chunk = 'x'.repeat(64 * 1024)
  yield '{"padding":"'
  for (let sent = 0; sent < 21 * 1024 * 1024; sent += chunk.length) yield chunk
  yield '"}'
}

function redirect({ res }: Asked): void {
  const Location = `http://127.0.0.1:${res.socket?.localPort}/elsewhere`
  send(res, 302, '', 'text/plain', { Location })
}
