import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { createLog } from '../../src/log.js'
import { createApiCredentials } from '../../src/okta/api-credentials.js'
import { OktaFailure } from '../../src/okta/failure.js'
import { createOktaUsers } from '../../src/users/okta-users.js'
import { profileOf, UserNotFound } from '../../src/users/user.js'

const RECORD = {
  id: '00u1',
  status: 'ACTIVE',
  lastLogin: null,
  profile: { firstName: 'Tygra', login: 'tygra' },
}

interface Asked {
  url: string | undefined
  authorization: string | undefined
  contentType: string | undefined
}

const servers: Server[] = []
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections()
    server.close()
  }
})

/** A directory whose Users API answers like this, and what that was asked. */
async function directory(answer: (...call: [...Parameters<RequestListener>, turn: number]) => void) {
  const asked: Asked[] = []
  const server = createServer((req, res) => {
    asked.push({
      url: req.url,
      authorization: req.headers.authorization,
      contentType: req.headers['content-type'],
    })
    answer(req, res, asked.length)
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const orgUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const config = { oktaOrgUrl: orgUrl, oktaApiToken: '00token' }
  const none = { oktaApiClientId: undefined, oktaApiPrivateKey: undefined }
  const log = createLog({ logLevel: 'silent' })
  const credentials = createApiCredentials({ ...config, ...none }, log, () => Date.now())
  return { users: createOktaUsers(orgUrl, credentials), asked }
}

const json =
  (body: unknown, status = 200): RequestListener =>
  (_req, res) =>
    void res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))

const ahead = (seconds: number) => new Date(Date.now() + seconds * 1000).toUTCString()

describe.concurrent('createOktaUsers', () => {
  it('[92] asks the Users API by id, with the token, and leaves credentials out', async () => {
    const { users, asked } = await directory(json({ ...RECORD, credentials: { password: {} } }))
    expect(await users.find('00u1')).toEqual({
      id: '00u1',
      status: 'ACTIVE',
      ...profileOf(() => null),
      firstName: 'Tygra',
      login: 'tygra',
      lastLogin: null,
      lastKnownAt: null,
    })
    expect(asked).toEqual([
      {
        url: '/api/v1/users/00u1',
        authorization: 'SSWS 00token',
        contentType: expect.stringContaining('omitCredentials'),
      },
    ])
  })

  it('hears every answer to many calls at once, also in chunks over connections that are used again', async () => {
    const { users } = await directory((req, res) => {
      const id = req.url?.split('/').at(-1)
      res.writeHead(200, { 'Content-Type': 'application/json' })
      res.write('{"status":"ACTIVE","profile":{},')
      res.end(`"id":"${id}"}`)
    })
    for (let round = 0; round < 3; round++) {
      const ids = Array.from({ length: 150 }, (_, n) => `00u${round}x${n}`)
      expect((await Promise.all(ids.map((id) => users.find(id)))).map(({ id }) => id)).toEqual(ids)
    }
  })

  it('asks every time: the SDK’s own cache, which never expires, is off', async () => {
    const { users, asked } = await directory(json(RECORD))
    await users.find('00u1')
    await users.find('00u1')
    expect(asked).toHaveLength(2)
  })

  it.each(['me', '', '..', '../apps', 'a/b', 'x'.repeat(300), '00u1?expand=x', 'a b'])(
    '[20] never asks about %j, which is no id',
    async (id) => {
      const { users, asked } = await directory(json(RECORD))
      await expect(users.find(id)).rejects.toThrow(UserNotFound)
      expect(asked).toEqual([])
    },
  )

  it('knows an unknown user from any other 404', async () => {
    const { users: unknown } = await directory(
      json({ errorCode: 'E0000007', errorSummary: 'Not found' }, 404),
    )
    await expect(unknown.find('00u1')).rejects.toThrow(UserNotFound)
    const { users: elsewhere } = await directory(
      (_req, res) => void res.writeHead(404).end('<h1>No such site</h1>'),
    )
    await expect(elsewhere.find('00u1')).rejects.toThrow(OktaFailure)
  })

  it.each<[string, string, RequestListener]>([
    ['a revoked token', 'api-token', json({ errorCode: 'E0000011' }, 401)],
    ['a missing right', 'api-scope', json({ errorCode: 'E0000006' }, 403)],
    ['a rate limit', 'rate-limited', json({ errorCode: 'E0000047' }, 429)],
    ['an empty answer', 'bad-answer', (_req, res) => void res.writeHead(200).end()],
    [
      'HTML with status 200',
      'bad-answer',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>hello'),
    ],
    [
      'broken JSON',
      'bad-answer',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"id":'),
    ],
    ['null', 'bad-answer', json(null)],
    ['a list', 'bad-answer', json([])],
    ['no profile', 'bad-answer', json({ id: '00u1', status: 'ACTIVE' })],
    ['somebody else', 'bad-answer', json({ ...RECORD, id: '00u2' })],
    ['more than 256 KB', 'bad-answer', json({ ...RECORD, profile: { firstName: 'x'.repeat(300_000) } })],
    ['a redirect', 'bad-answer', (_req, res) => void res.writeHead(302, { Location: '/elsewhere' }).end()],
  ])('[107] [113] answers %s with a failure of kind %s after one call', async (_what, kind, answer) => {
    const { users, asked } = await directory(answer)
    await expect(users.find('00u1')).rejects.toMatchObject({ name: 'OktaFailure', kind })
    expect(asked).toHaveLength(1)
  })

  it.each<[string, string, RequestListener]>([
    ['a failure', 'server-error', json({ errorCode: 'E0000009' }, 500)],
    ['a proxy’s page', 'server-error', (_req, res) => void res.writeHead(503).end('<h1>Sorry</h1>')],
    ['a dropped connection', 'unreachable', (req) => void req.socket.destroy()],
  ])('asks once more after %s, and is content when it was in passing', async (_what, kind, answer) => {
    const { users, asked } = await directory(answer)
    await expect(users.find('00u1')).rejects.toMatchObject({ name: 'OktaFailure', kind })
    expect(asked).toHaveLength(2)
    const recovering = await directory((req, res, turn) => (turn === 1 ? answer : json(RECORD))(req, res))
    expect(await recovering.users.find('00u1')).toMatchObject({ firstName: 'Tygra' })
  })

  const at = (seconds: number) => String(Math.floor(Date.now() / 1000) + seconds)
  it.each<[string, () => Record<string, string>, number]>([
    ['in 20 s', () => ({ 'X-Rate-Limit-Reset': at(20) }), 20],
    [
      'in 20 s by a clock that is an hour ahead',
      () => ({ 'X-Rate-Limit-Reset': at(3620), Date: ahead(3600) }),
      20,
    ],
    ['in an hour: capped', () => ({ 'X-Rate-Limit-Reset': at(3600) }), 60],
    ['in the past', () => ({ 'X-Rate-Limit-Reset': at(-20) }), 10],
    ['as nonsense', () => ({ 'X-Rate-Limit-Reset': 'soon' }), 10],
    ['not at all', () => ({}), 10],
    ['by Retry-After', () => ({ 'Retry-After': '7' }), 7],
  ])('reads when a rate limit is over, given %s', async (_what, headers, seconds) => {
    const { users } = await directory((_req, res) => void res.writeHead(429, headers()).end('{}'))
    const failure = await Promise.resolve(users.find('00u1')).catch((error) => error)
    expect(failure.kind).toBe('rate-limited')
    expect(Math.abs(failure.retryAfterSeconds - seconds)).toBeLessThanOrEqual(2)
  })

  it.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    [
      'stalls in the middle',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).write('{"id":'),
    ],
  ])('[113] gives up after 2 s when Okta %s', async (_what, answer) => {
    const { users } = await directory(answer)
    const started = performance.now()
    await expect(users.find('00u1')).rejects.toThrow(OktaFailure)
    expect(performance.now() - started).toBeLessThan(4000)
  })
})
