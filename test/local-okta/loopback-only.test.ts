import request from 'supertest'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { APP, authorizeUrl, post, secretOf } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterAll(() => okta.close())

const PATHS = [
  '/',
  '/faults',
  '/api/v1/users/me',
  '/oauth2/default/v1/keys',
  '/.well-known/openid-configuration',
]

describe('[139] a Host that is not this machine', () => {
  it.each([
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost@evil.example',
    '',
  ])('"%s" is refused at every address', async (host) => {
    const { port } = new URL(okta.orgUrl)
    for (const path of PATHS)
      for (const name of [host, `${host}:${port}`]) {
        const { status, text } = await request(okta.orgUrl).get(path).set('Host', name)
        expect([path, name, status]).toEqual([path, name, 403])
        expect(text).not.toContain(okta.people[0]?.id)
      }
  })

  it('is refused with JSON to a program', async () => {
    const { body } = await request(okta.orgUrl)
      .get('/')
      .accept('json')
      .set('Host', 'evil.example')
      .expect(403)
    expect(body).toEqual({ error: 'This is not the org’s own host.' })
  })

  it.each(['localhost', '127.0.0.1', '[::1]', 'LOCALHOST'])('"%s" is not one', async (host) => {
    const { port } = new URL(okta.orgUrl)
    await request(okta.orgUrl).get('/').set('Host', `${host}:${port}`).expect(200)
  })
})

describe('[139] a change that another site caused', () => {
  const FOREIGN = [
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
  ]

  it.each(FOREIGN)('is refused: a sign-in (%o)', async (headers) => {
    const person = new Visitor(okta.orgUrl)
    const page = await person.go(authorizeUrl(okta))
    const form = { person: 'lion-o@thundera.example' }
    expect((await person.ask(page.url, { method: 'post', form, headers })).status).toBe(403)
    const own = { Origin: okta.orgUrl, 'Sec-Fetch-Site': 'same-origin' }
    expect((await person.ask(page.url, { method: 'post', form, headers: own })).status).toBe(303)
  })

  it.each(FOREIGN)('is refused: a fault, or anything below /api (%o)', async (headers) => {
    const authorization = { Authorization: `SSWS ${okta.apiToken}` }
    for (const [method, path] of [
      ['POST', '/faults'],
      ['POST', '/api/v1/apps'],
      ['PUT', '/api/v1/users/me'],
      ['DELETE', '/api/v1/users/me'],
    ] as const)
      expect(
        (await fetch(okta.orgUrl + path, { method, headers: { ...headers, ...authorization } })).status,
      ).toBe(403)
    expect(okta.faults.active()).toEqual([])
  })

  it('does not concern the endpoints that apps call from their own pages', async () => {
    const token = { token: 'made-up', ...secretOf(okta) }
    for (const headers of FOREIGN)
      expect((await post(`${okta.issuer}/v1/revoke`, token, headers)).status).toBe(200)
  })
})
