import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { DirectoryUnavailable, UserNotFound } from '../../src/users/directory.js'
import { createOktaDirectory } from '../../src/users/okta.js'

const RECORD = {
  id: '00u1',
  status: 'ACTIVE',
  lastLogin: null,
  profile: { firstName: 'Tygra', login: 'tygra' },
}

let server: Server
let asked: { url: string | undefined; authorization: string | undefined; contentType: string | undefined }[] =
  []

async function directory(answer: RequestListener) {
  asked = []
  server = createServer((req, res) => {
    asked.push({
      url: req.url,
      authorization: req.headers.authorization,
      contentType: req.headers['content-type'],
    })
    answer(req, res)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const orgUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return createOktaDirectory({ orgUrl, apiToken: '00token' })
}
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

const json =
  (body: unknown, status = 200): RequestListener =>
  (_req, res) =>
    void res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body))

describe('createOktaDirectory', () => {
  it('[92] asks the Users API by id, with the token, and leaves credentials out', async () => {
    const users = await directory(json({ ...RECORD, credentials: { password: {} } }))
    expect(await users.find('00u1')).toEqual({
      id: '00u1',
      status: 'ACTIVE',
      firstName: 'Tygra',
      lastName: null,
      login: 'tygra',
      email: null,
      lastLogin: null,
    })
    expect(asked).toEqual([
      {
        url: '/api/v1/users/00u1',
        authorization: 'SSWS 00token',
        contentType: expect.stringContaining('omitCredentials'),
      },
    ])
  })

  it('asks every time: the SDK’s own cache, which never expires, is off', async () => {
    const users = await directory(json(RECORD))
    await users.find('00u1')
    await users.find('00u1')
    expect(asked).toHaveLength(2)
  })

  it.each(['me', '', '..', '../apps', 'a/b', 'x'.repeat(300), '00u1?expand=x', 'a b'])(
    '[20] never asks about %j, which is no id',
    async (id) => {
      const users = await directory(json(RECORD))
      await expect(users.find(id)).rejects.toThrow(UserNotFound)
      expect(asked).toEqual([])
    },
  )

  it('knows an unknown user from any other 404', async () => {
    const unknown = await directory(json({ errorCode: 'E0000007', errorSummary: 'Not found' }, 404))
    await expect(unknown.find('00u1')).rejects.toThrow(UserNotFound)
    server.close()
    const elsewhere = await directory((_req, res) => void res.writeHead(404).end('<h1>No such site</h1>'))
    await expect(elsewhere.find('00u1')).rejects.toThrow(DirectoryUnavailable)
  })

  it.each<[string, RequestListener]>([
    ['a revoked token', json({ errorCode: 'E0000011' }, 401)],
    ['a missing right', json({ errorCode: 'E0000006' }, 403)],
    ['a rate limit', json({ errorCode: 'E0000047' }, 429)],
    ['a failure', json({ errorCode: 'E0000009' }, 500)],
    [
      'HTML with status 200',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'text/html' }).end('<p>hello'),
    ],
    [
      'broken JSON',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"id":'),
    ],
    ['null', json(null)],
    ['a list', json([])],
    ['no profile', json({ id: '00u1', status: 'ACTIVE' })],
    ['somebody else', json({ ...RECORD, id: '00u2' })],
    ['a dropped connection', (req) => void req.socket.destroy()],
    ['more than 256 KB', json({ ...RECORD, profile: { firstName: 'x'.repeat(300_000) } })],
    ['a redirect', (_req, res) => void res.writeHead(302, { Location: '/elsewhere' }).end()],
  ])('[107] [113] answers %s with DirectoryUnavailable after one call', async (_what, answer) => {
    const users = await directory(answer)
    await expect(users.find('00u1')).rejects.toThrow(DirectoryUnavailable)
    expect(asked).toHaveLength(1)
  })

  it.each<[string, RequestListener]>([
    ['says nothing', () => undefined],
    [
      'stalls in the middle',
      (_req, res) => void res.writeHead(200, { 'Content-Type': 'application/json' }).write('{"id":'),
    ],
  ])('[113] gives up after 2 s when Okta %s', async (_what, answer) => {
    const users = await directory(answer)
    const started = performance.now()
    await expect(users.find('00u1')).rejects.toThrow(DirectoryUnavailable)
    expect(performance.now() - started).toBeLessThan(2500)
  })
})
