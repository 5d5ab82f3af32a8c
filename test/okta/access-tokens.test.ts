import { createPrivateKey, createPublicKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { asServiceApp, type Lair, startLair } from '../support/lair.js'
import { startOrg } from '../support/service-app.js'
import { askForAll, manySessions } from '../support/sessions.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const HOUR = 3600

let lair: Lair
beforeAll(async () => {
  lair = await startLair(asServiceApp)
})
afterEach(async () => {
  lair.okta.rewrite = undefined
  await lair.okta.faults.clear()
  await lair.restart()
})
afterAll(() => lair.close())

/** How many tokens the app has asked for. */
const tokens = () => lair.okta.faults.asked.credentials

describe('[106] a request for a token', () => {
  it('goes to the org’s own server, for what it reads only, with an assertion that counts once and five minutes', async () => {
    const { OKTA_ORG_URL, heard } = await startOrg(lair.okta)
    const { clientId, privateKey } = lair.okta.serviceApp
    const jwk = { ...createPrivateKey(privateKey).export({ format: 'jwk' }), kid: 'the-key' }
    const jtis = new Set<unknown>()
    for (const OKTA_API_PRIVATE_KEY of [JSON.stringify(jwk), privateKey]) {
      heard.length = 0
      await lair.restart({ OKTA_ORG_URL, OKTA_ISSUER: lair.okta.issuer, OKTA_API_PRIVATE_KEY })
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
      const [request, ...calls] = heard
      const user = `/api/v1/users/${lair.okta.people[0]?.id}`
      const call = calls.find(({ url }) => url === user)
      expect([request?.url, calls.filter(({ url }) => !url?.startsWith(user))]).toEqual([
        '/oauth2/v1/token',
        [],
      ])
      expect(request?.headers).toMatchObject({ 'user-agent': SITE.slug })
      expect(request?.headers).not.toHaveProperty('authorization')
      const { client_assertion, ...form } = Object.fromEntries(new URLSearchParams(request?.body))
      expect(form).toEqual({
        grant_type: 'client_credentials',
        scope: expect.stringMatching(/^okta\.users\.read( okta\.groups\.read)?$/),
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      })
      const { payload, protectedHeader } = await jwtVerify(
        String(client_assertion),
        createPublicKey(privateKey),
      )
      expect(protectedHeader).toEqual({ alg: 'RS256', ...(jtis.size === 0 && { kid: 'the-key' }) })
      expect(payload).toMatchObject({ iss: clientId, sub: clientId, aud: `${OKTA_ORG_URL}/oauth2/v1/token` })
      expect(Number(payload.exp) - Date.now() / 1000).toBeLessThanOrEqual(5 * 60)
      jtis.add(payload.jti)
      expect(call?.headers.authorization).toBe('Bearer the-token')
    }
    expect([...jtis].map(String).every((jti) => jti.length >= 32)).toBe(true)
    expect(jtis.size).toBe(2)
  })

  it('is made, and the API token left alone, if the settings have both', async () => {
    await lair.restart({ OKTA_AUTH_TOKEN: lair.okta.apiToken })
    await lair.okta.faults.on('credentials-token-refused')
    expect((await lair.visitor().signIn(LION_O)).status).toBe(503)
  })

  it.each([
    ['no token', { access_token: undefined }],
    ['a token that fits in no header', { access_token: 'two\nlines' }],
    ['a token of another type', { token_type: 'DPoP' }],
    ['a type that cannot be made a text', { token_type: { toString: 1, valueOf: 1 } }],
    ['no lifetime', { expires_in: undefined }],
    ['a lifetime of no use', { expires_in: 1 }],
  ])('that is answered with %s has failed', async (_what, changes) => {
    lair.okta.rewrite = (path, body) => (path === '/oauth2/v1/token' ? { ...body, ...changes } : body)
    await lair.restart()
    const from = lair.log.length
    expect((await lair.visitor().signIn(LION_O)).status).toBe(503)
    const lines = lair.log.slice(from).filter(({ dependency }) => dependency !== undefined)
    expect(lines.map(({ cause, err }) => [cause, Object(err).type])).toEqual([
      ['bad-answer', 'OktaFailure'],
      ['bad-answer', 'OktaFailure'],
    ])
  })
})

describe('how often the app asks for a token', () => {
  it('[106] once for 500 first requests, all at once', async () => {
    const sessions = [...(await manySessions(lair, LION_O, 1)), ...(await manySessions(lair, CHEETARA, 1))]
    await lair.restart()
    const before = tokens()
    const many = Array.from({ length: 500 }, (_, n) => sessions[n % 2] ?? '')
    const answers = await askForAll(lair, '/lair', many, 500)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    expect(tokens() - before).toBe(1)
  })

  it('once an hour', async () => {
    const visitor = await lair.signedIn()
    const before = tokens()
    for (let minute = 0; minute < 3 * 60; minute += 4) {
      lair.pass(4 * 60)
      expect((await visitor.ask('/lair')).status).toBe(200)
    }
    expect(tokens() - before).toBeGreaterThanOrEqual(3)
    expect(tokens() - before).toBeLessThanOrEqual(4)
  })

  it('not at all with an API token', async () => {
    await lair.signedIn() // the app has its token
    const before = tokens()
    await lair.restart({
      OKTA_AUTH_TOKEN: lair.okta.apiToken,
      OKTA_API_CLIENT_ID: '',
      OKTA_API_PRIVATE_KEY: '',
    })
    await lair.signedIn()
    expect(tokens()).toBe(before)
  })

  it('before anybody needs one, when it starts', async () => {
    await lair.signedIn() // the app has its token
    const before = tokens()
    await lair.restart()
    await vi.waitFor(() => expect(tokens()).toBe(before + 1))
  })
})

describe('a token that ends soon', () => {
  it('serves on, and delays no page, while Okta does not give the next one', async () => {
    const visitor = await lair.signedIn()
    const before = tokens()
    await lair.okta.faults.on('credentials-hangs')
    lair.pass(HOUR - 200)
    const begun = performance.now()
    const page = await visitor.ask('/lair')
    expect(performance.now() - begun).toBeLessThan(1000) // a request for a token has 1.5 s
    expect([page.status, page.text.includes('Okta cannot be asked')]).toEqual([200, false])
    await vi.waitFor(() => expect(tokens()).toBe(before + 1))
  })

  it('is followed by the next one before it ends', async () => {
    const visitor = await lair.signedIn()
    const before = tokens()
    lair.pass(HOUR - 200)
    await visitor.ask('/lair')
    await vi.waitFor(() => expect(tokens()).toBe(before + 1))
    await lair.okta.faults.on('credentials-500')
    lair.pass(HOUR - 400)
    const page = await visitor.ask('/lair')
    expect([page.status, page.text.includes('Okta cannot be asked')]).toEqual([200, false])
    expect(tokens()).toBe(before + 1)
  })

  it('is asked for no more often than Okta allows', async () => {
    const [lionO, cheetara] = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    const before = tokens()
    await lair.okta.faults.on('credentials-rate-limited') // for 20 seconds
    lair.pass(HOUR - 200)
    await lionO.ask('/lair')
    await vi.waitFor(() => expect(tokens()).toBe(before + 1))
    lair.pass(15)
    expect((await cheetara.ask('/lair')).status).toBe(200)
    expect(tokens()).toBe(before + 1)
    lair.pass(61)
    await cheetara.ask('/lair')
    await vi.waitFor(() => expect(tokens()).toBe(before + 2))
  })

  it('is of no use afterwards; if nobody came for hours, the first page gets another one', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.faults.on('credentials-500')
    lair.pass(HOUR)
    expect((await visitor.ask('/lair')).status).toBe(503)
    await lair.okta.faults.clear()
    lair.pass(5 * HOUR)
    const before = tokens()
    expect((await visitor.ask('/lair')).status).toBe(200)
    expect(tokens()).toBe(before + 1)
  })
})
