import request from 'supertest'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'

const LION_O = 'lion-o@thundera.example'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const json = () => request(okta.orgUrl).get('/faults').accept('json')
const post = (body: object | string) => request(okta.orgUrl).post('/faults').send(body)

describe('GET /faults', () => {
  it('tells the faults, which of them are on, and how often was asked', async () => {
    okta.faults.on('users-500', LION_O)
    okta.faults.on('clock-30s-ahead')
    await request(okta.orgUrl).get('/oauth2/v1/keys')
    const { body } = await json().expect(200)
    expect(body).toEqual({
      faults: okta.faults.list,
      active: [
        { name: 'users-500', person: LION_O },
        { name: 'clock-30s-ahead', person: null },
      ],
      asked: { discovery: 0, keys: 1, token: 0, users: 0, groups: 0, credentials: 0 },
    })
    expect(body.faults[0]).toEqual({
      name: 'account-suspended',
      group: 'account',
      label: 'Account suspended',
      perPerson: true,
    })
  })

  it('is a page that names every fault, for a browser', async () => {
    const { text, headers } = await request(okta.orgUrl).get('/faults').accept('text/html').expect(200)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'/)
    for (const { name } of okta.faults.list) {
      expect(text).toContain(`value="${name}"`)
      expect(text).toContain(`<code>${name}</code>`)
    }
  })

  it('is where the home page leads', async () => {
    expect((await request(okta.orgUrl).get('/')).text).toContain('href="/faults"')
  })
})

describe('POST /faults', () => {
  it('switches for everybody and for one, off again, and all off; answers as GET does', async () => {
    const { body } = await post({ fault: 'users-500', switch: 'on' }).expect(200)
    expect(body.active).toEqual([{ name: 'users-500', person: null }])
    await post({ fault: 'users-null', person: LION_O, switch: 'on' }).expect(200)
    expect(okta.faults.active()).toContainEqual({ name: 'users-null', person: LION_O })
    await post({ fault: 'users-500', switch: 'off' }).expect(200)
    expect(okta.faults.active()).toEqual([{ name: 'users-null', person: LION_O }])
    const cleared = await post({ switch: 'off' }).expect(200)
    expect(cleared.body).toEqual((await json()).body)
    expect(cleared.body.active).toEqual([])
  })

  it('takes a form and leads back to the page', async () => {
    const form = 'fault=users-500&person=lion-o%40thundera.example&switch=on'
    const { headers } = await post(form).expect(303)
    expect(headers.location).toBe('/faults')
    await post('fault=token-500&person=&switch=on').expect(303)
    expect(okta.faults.active()).toEqual([
      { name: 'users-500', person: LION_O },
      { name: 'token-500', person: null },
    ])
    await post('switch=off').expect(303)
    expect(okta.faults.active()).toEqual([])
  })

  it('rotates the keys before it answers', async () => {
    const { kid } = okta.signingKey
    const { body } = await post({ fault: 'keys-rotated', switch: 'on' }).expect(200)
    expect(okta.signingKey.kid).not.toBe(kid)
    expect(body.active).toEqual([])
  })

  it.each([{ fault: 'org-down', switch: 'on' }, 'fault=org-down&switch=on'])(
    'answers, and then the org is down (%o)',
    async (body) => {
      const answer = await post(body).expect(200)
      if (typeof body === 'string') expect(answer.headers.refresh).toMatch(/^2\d; url=\/faults$/)
      else expect(answer.body.active).toEqual([{ name: 'org-down', person: null }])
      await vi.waitFor(() => expect(json()).rejects.toThrow('ECONNREFUSED'))
    },
  )

  it.each([
    [{ fault: 'users-explodes', switch: 'on' }, 'no fault named "users-explodes"'],
    [{ fault: 'users-500', person: 'snarf@thundera.example', switch: 'on' }, 'signs in as "snarf@'],
    [{ fault: 'keys-500', person: LION_O, switch: 'on' }, 'cannot be switched for one person'],
    [{ fault: 'keys-500' }, '"switch" must be'],
    [{ switch: 'on' }, '"fault" must name'],
    [{ fault: ['keys-500'], switch: 'on' }, 'must be one text each'],
    [{ fault: { toString: 1 }, switch: 'on' }, 'must be one text each'],
    [[], '"switch" must be'],
    ['{', 'neither JSON nor a form'],
  ])('says what is wrong with %j', async (body, sentence) => {
    const { body: answer } = await post(body).type('json').expect(400)
    expect(answer.error).toContain(sentence)
    expect(okta.faults.active()).toEqual([])
  })

  it('says it in a page to a form, and without markup of the sender', async () => {
    const { text } = await post('fault=<script>&switch=on').expect(400)
    expect(text).toContain('There is no fault named &quot;&lt;script&gt;&quot;.')
  })

  it.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403], // such as the app, on another port of localhost
    [{ Origin: 'http://localhost:3000' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 303],
    [{ 'Sec-Fetch-Site': 'none' }, 303],
  ])('that comes with %o is answered with %i', async (headers, status) => {
    await post('fault=users-500&switch=on').set(headers).expect(status)
    expect(okta.faults.active()).toHaveLength(status === 303 ? 1 : 0)
  })

  it('is taken from the org’s own page by browsers that do not say Sec-Fetch-Site', async () => {
    await post('fault=users-500&switch=on').set('Origin', okta.orgUrl).expect(303)
  })

  it('answers, like GET, to a host that is this machine only', async () => {
    const { port } = new URL(okta.orgUrl)
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '10.0.0.1']) {
      await json().set('Host', host).expect(403)
      await post({ fault: 'users-500', switch: 'on' }).set('Host', host).expect(403)
    }
    await json().set('Host', `127.0.0.1:${port}`).expect(200)
    expect(okta.faults.active()).toEqual([])
  })
})
