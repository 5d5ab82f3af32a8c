import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { within10Seconds } from '../support/faults.js'
import { encode, forgeIdTokens, type Json, signedWith, type TokenParts } from '../support/forge.js'
import { type Lair, startLair } from '../support/lair.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterEach(() => {
  lair.okta.rewrite = undefined
})
afterAll(() => lair.close())

const now = () => Math.floor(Date.now() / 1000)
/** As Okta signs, with its own key. */
const signed = (header: Json, claims: Json) => signedWith(lair.okta.signingKey, header, claims)
const foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })
const without = (object: Json, name: string): Json =>
  Object.fromEntries(Object.entries(object).filter(([key]) => key !== name))

/** Signs in and expects to be refused with a page, without a session and without a call to the Users API. */
async function expectRefusal(status = 400, mayTryAgain = true): Promise<void> {
  const { users } = lair.okta.faults.asked
  const visitor = lair.visitor()
  const page = await visitor.signIn(LION_O, '/lair?gate=1')
  expect(page.status).toBe(status)
  expect(page.text.includes('href="/lair?gate=1">Try again')).toBe(mayTryAgain)
  expect(visitor.cookies.has(SITE.slug)).toBe(false)
  expect((await visitor.ask('/')).text).not.toContain('Sign out')
  expect(lair.okta.faults.asked.users).toBe(users)
}

/** What one claim, changed, makes of a token that Okta really signed. */
const withClaims = (changes: (claims: Json) => Json) => (parts: TokenParts) =>
  signed(parts.header, { ...parts.claims, ...changes(parts.claims) })

const HOSTILE: [what: string, forge: (parts: TokenParts) => unknown][] = [
  // signature and header
  [
    '[16] signed with a foreign key under Okta’s kid',
    ({ header, claims }) => signedWith(foreignKey, header, claims),
  ],
  ['[16] with an empty signature', ({ original }) => original.replace(/[^.]+$/, '')],
  [
    '[16] with a garbage signature',
    ({ original }) => original.replace(/[^.]+$/, randomBytes(256).toString('base64url')),
  ],
  [
    '[16] with one changed byte in its signature',
    ({ original }) =>
      original.replace(/.{9}$/, (end) => (end[0] === 'A' ? `B${end.slice(1)}` : `A${end.slice(1)}`)),
  ],
  [
    '[16] with other claims under Okta’s signature',
    ({ original, claims }) =>
      original.replace(/\.[^.]+\./, `.${encode({ ...claims, sub: '00u00000000000000002' })}.`),
  ],
  [
    '[16] with a key of its own in the header (jwk)',
    ({ header, claims }) => signedWith(foreignKey, { ...without(header, 'kid'), jwk: foreignKey }, claims),
  ],
  [
    '[16] with the address of a key in the header (jku)',
    ({ header, claims }) => signedWith(foreignKey, { ...header, jku: 'https://evil.example/keys' }, claims),
  ],
  ['[17] with alg none and no signature', ({ claims }) => `${encode({ alg: 'none' })}.${encode(claims)}.`],
  ['[17] with alg None in other letters', ({ claims }) => `${encode({ alg: 'nOnE' })}.${encode(claims)}.`],
  [
    '[17] with alg none and Okta’s kid and signature',
    ({ header, original }) => original.replace(/^[^.]+/, encode({ ...header, alg: 'none' })),
  ],
  ['[17] with HS256 and the client secret', ({ claims }) => hs256(claims, lair.okta.clientSecret)],
  [
    '[17] with HS256 and the public key',
    ({ claims }) => hs256(claims, JSON.stringify(lair.okta.signingKey.n)),
  ],
  ['[17] with RS512', ({ header, claims }) => signed({ ...header, alg: 'RS512' }, claims)],
  ['[17] with PS256', ({ header, claims }) => signed({ ...header, alg: 'PS256' }, claims)],
  ['[17] with no alg', ({ header, claims }) => signed(without(header, 'alg'), claims)],
  [
    '[17] with an unknown critical header',
    ({ header, claims }) => signed({ ...header, crit: ['evil'], evil: 1 }, claims),
  ],
  ['[17] with b64 false', ({ header, claims }) => signed({ ...header, b64: false, crit: ['b64'] }, claims)],
  ['[18] with an unknown kid', ({ header, claims }) => signed({ ...header, kid: 'unknown' }, claims)],
  // claims
  ['[11] from another issuer', withClaims(() => ({ iss: 'https://evil.example' }))],
  ['[11] from the org’s other server', withClaims(() => ({ iss: lair.okta.orgUrl }))],
  ['[11] from the issuer with a slash too many', withClaims(({ iss }) => ({ iss: `${iss}/` }))],
  ['[11] without an issuer', ({ header, claims }) => signed(header, without(claims, 'iss'))],
  ['[11] for another audience', withClaims(() => ({ aud: 'another-client' }))],
  ['[11] for an empty list of audiences', withClaims(() => ({ aud: [] }))],
  ['[11] without an audience', ({ header, claims }) => signed(header, without(claims, 'aud'))],
  ['[11] without a subject', ({ header, claims }) => signed(header, without(claims, 'sub'))],
  ['[11] without iat', ({ header, claims }) => signed(header, without(claims, 'iat'))],
  ['[11] with a text for iat', withClaims(() => ({ iat: 'now' }))],
  ['[11] without exp', ({ header, claims }) => signed(header, without(claims, 'exp'))],
  ['[11] with a text for exp', withClaims(() => ({ exp: 'later' }))],
  ['[12] for several audiences without azp', withClaims(({ aud }) => ({ aud: [aud, 'another-client'] }))],
  [
    '[128] for several audiences with our azp',
    withClaims(({ aud }) => ({ aud: [aud, 'another-client'], azp: aud })),
  ],
  ['[128] for a list of one audience', withClaims(({ aud }) => ({ aud: [aud] }))],
  [
    '[12] for several audiences with another azp',
    withClaims(({ aud }) => ({ aud: [aud, 'another-client'], azp: 'another-client' })),
  ],
  ['[13] for us alone with another azp', withClaims(() => ({ azp: 'another-client' }))],
  ['[14] expired 90 s ago', withClaims(() => ({ exp: now() - 90 }))],
  ['[14] not valid for another 5 minutes', withClaims(() => ({ nbf: now() + 300 }))],
  ['[15] issued 10 minutes from now', withClaims(() => ({ iat: now() + 600 }))],
  ['[15] issued more than a day ago', withClaims(() => ({ iat: now() - 25 * 3600 }))],
  ['[4] with another nonce', withClaims(() => ({ nonce: 'another' }))],
  ['[4] without a nonce', ({ header, claims }) => signed(header, without(claims, 'nonce'))],
  ['[4] with a number for a nonce', withClaims(() => ({ nonce: 7 }))],
  [
    '[19] with the hash of another access token',
    withClaims(() => ({ at_hash: randomBytes(16).toString('base64url') })),
  ],
  ['[20] with an empty subject', withClaims(() => ({ sub: '' }))],
  ['[20] with the subject "me"', withClaims(() => ({ sub: 'me' }))],
  ['[20] with the subject ".."', withClaims(() => ({ sub: '..' }))],
  ['[20] with a subject of 300 characters', withClaims(() => ({ sub: 'x'.repeat(300) }))],
  ['[20] with slashes in its subject', withClaims(() => ({ sub: '00u1/lifecycle/suspend' }))],
  ['[20] with a query in its subject', withClaims(() => ({ sub: '00u1?expand=all' }))],
  ['[11] with a number for a subject', withClaims(() => ({ sub: 7 }))],
  // no JWT at all
  ['with two parts', ({ original }) => original.split('.').slice(0, 2).join('.')],
  ['with five parts', ({ original }) => `${original}.a.b`],
  ['that is empty', () => ''],
]

function hs256(claims: Json, secret: string): string {
  const input = `${encode({ alg: 'HS256' })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('an ID token', () => {
  it.each(HOSTILE)('%s is refused with a page and no session', async (what, forge) => {
    lair.pass(60) // keys may be looked up six times a minute
    forgeIdTokens(lair.okta, forge)
    // The next ID token would be the same in this: "Try again" would go round in circles.
    await expectRefusal(400, !/^\[(20|128)\]/.test(what))
  })

  it.each([
    ['is not JSON inside', 'bm90.anNvbg.c2ln'],
    ['is a number', 7],
    ['is not there', undefined],
  ])('that %s counts as a broken answer of Okta’s', async (_what, idToken) => {
    forgeIdTokens(lair.okta, () => idToken)
    await expectRefusal(503)
  })

  it.each<[string, (parts: TokenParts) => unknown]>([
    ['as it comes', ({ original }) => original],
    [
      '[18] without a kid, where Okta has one key',
      ({ header, claims }) => signed(without(header, 'kid'), claims),
    ],
    ['[14] expired 30 s ago', withClaims(() => ({ exp: now() - 30 }))],
    ['[15] issued 4 minutes from now', withClaims(() => ({ iat: now() + 240 }))],
    ['[15] issued 23 hours ago', withClaims(() => ({ iat: now() - 23 * 3600 }))],
    ['[19] without at_hash', ({ header, claims }) => signed(header, without(claims, 'at_hash'))],
  ])('%s is accepted', async (_what, forge) => {
    forgeIdTokens(lair.okta, forge)
    expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
  })

  it('[17] signed with a key of 1,024 bits begins no session, though it is in Okta’s key set', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ format: 'jwk' })
    const { kty, n, e } = weak
    forgeIdTokens(lair.okta, ({ header, claims }) => signedWith(weak, { ...header, kid: 'weak' }, claims))
    const { rewrite } = lair.okta
    lair.okta.rewrite = (path, body) =>
      path.endsWith('/keys') ? { keys: [{ kty, n, e, kid: 'weak', alg: 'RS256' }] } : rewrite?.(path, body)
    await lair.restart()
    const visitor = lair.visitor()
    expect((await visitor.signIn(LION_O)).status).toBe(500)
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
    lair.okta.rewrite = undefined
    await lair.restart()
  })

  it('[18] without a kid is refused where Okta has several keys', async () => {
    forgeIdTokens(lair.okta, ({ header, claims }) => signed(without(header, 'kid'), claims))
    const { rewrite } = lair.okta
    lair.okta.rewrite = (path, body) => {
      const [key] = (body.keys as object[] | undefined) ?? []
      return key ? { keys: [key, { ...key, kid: 'twin' }] } : rewrite?.(path, body)
    }
    await lair.restart()
    await expectRefusal()
  })
})

describe('[129] a fresh sign-in that was asked for', () => {
  /** "Use another account", with the ID token that `forge` makes of Okta's. */
  async function signInAgain(forge: (claims: Json) => Json) {
    const visitor = lair.visitor()
    const signInPage = await visitor.go('/login?prompt=login')
    expect(new URL(signInPage.url).searchParams.get('max_age') ?? '0').toBe('0')
    forgeIdTokens(lair.okta, ({ header, claims }) => signed(header, forge(claims)))
    return (await visitor.pick(signInPage, LION_O)).status
  }

  it('is asked for with max_age=0', async () => {
    const url = new URL((await lair.visitor().ask('/login?prompt=login')).location ?? '')
    expect([url.searchParams.get('prompt'), url.searchParams.get('max_age')]).toEqual(['login', '0'])
    const usual = new URL((await lair.visitor().ask('/login')).location ?? '')
    expect([usual.searchParams.get('prompt'), usual.searchParams.get('max_age')]).toEqual([null, null])
  })

  it.each<[string, (claims: Json) => Json, number]>([
    ['of this sign-in', (claims) => claims, 200],
    ['by a clock that is an hour behind', (claims) => ({ ...claims, ...hourEarlier(claims) }), 200],
    ['of a minute before', (claims) => ({ ...claims, auth_time: Number(claims.iat) - 60 }), 400],
    ['that is missing', (claims) => without(claims, 'auth_time'), 400],
    ['that is a text', (claims) => ({ ...claims, auth_time: 'now' }), 400],
  ])('is proven by an auth_time %s', async (_what, forge, status) => {
    expect(await signInAgain(forge)).toBe(status)
  })

  const hourEarlier = ({ iat, auth_time }: Json) => ({
    iat: Number(iat) - 3600,
    auth_time: Number(auth_time) - 3600,
  })
})

describe('signing keys', () => {
  const signIn = async () => (await lair.visitor().signIn(LION_O)).status
  const fetched = () => lair.okta.faults.asked.keys
  beforeEach(() => lair.restart())

  it('[18] are fetched once, and once more when Okta signs with a new one, without a restart', async () => {
    const before = fetched()
    expect([await signIn(), await signIn(), fetched() - before]).toEqual([200, 200, 1])
    await lair.okta.rotateKeys()
    expect([await signIn(), await signIn(), fetched() - before]).toEqual([200, 200, 2])
  })

  it('[18] are fetched once more when Okta signs with a new one under the kid of the old one', async () => {
    await signIn()
    const { kid } = lair.okta.signingKey
    await lair.okta.rotateKeys()
    lair.okta.rewrite = (path, body) =>
      path.endsWith('/keys') ? { keys: (body.keys as Json[]).map((key) => ({ ...key, kid })) } : body
    const before = fetched()
    const rewrite = lair.okta.rewrite
    forgeIdTokens(lair.okta, ({ header, claims }) => signed({ ...header, kid }, claims))
    const forge = lair.okta.rewrite
    lair.okta.rewrite = (path, body) => (path.endsWith('/keys') ? rewrite : forge)(path, body)
    expect([await signIn(), await signIn(), fetched() - before]).toEqual([200, 200, 1])
  })

  it('[18] are looked up at most six times a minute, however many unknown ones come', async () => {
    await signIn()
    const before = fetched()
    forgeIdTokens(lair.okta, ({ header, claims }) => {
      return signedWith(foreignKey, { ...header, kid: randomBytes(8).toString('hex') }, claims)
    })
    for (let attempt = 0; attempt < 6; attempt++) expect(await signIn()).toBe(400)
    for (let attempt = 0; attempt < 4; attempt++) expect(await signIn()).toBe(503)
    expect(fetched()).toBe(before + 6)
    lair.pass(61)
    await signIn()
    expect(fetched()).toBe(before + 7) // the minute is over
    lair.okta.rewrite = undefined
    expect(await signIn()).toBe(200) // the key at hand still counts
  })
})

describe('[98] an answer of the token endpoint', () => {
  it.each<[string, Json]>([
    ['without a token type', { token_type: undefined }],
    ['with another token type', { token_type: 'mac' }],
    ['with a text for its age', { expires_in: 'soon' }],
    ['without an access token', { access_token: undefined }],
  ])('%s is Okta’s failure, not the person’s', async (_what, changes) => {
    lair.okta.rewrite = (path, body) => (path.endsWith('/token') ? { ...body, ...changes } : body)
    await expectRefusal(503)
  })
})

describe('signing keys, many at once', () => {
  beforeEach(() => lair.restart())

  it('[18] a rotation costs one look-up, however many sign in at that moment', async () => {
    const visitors = await Promise.all(Array.from({ length: 20 }, () => lair.signedIn()))
    await lair.okta.rotateKeys()
    await lair.okta.faults.on('keys-slow')
    const before = lair.okta.faults.asked.keys
    for (const visitor of visitors) visitor.cookies.delete(SITE.slug)
    const pages = await Promise.all(visitors.map((visitor) => visitor.go('/lair')))
    await lair.okta.faults.clear()
    expect(new Set(pages.map(({ status }) => status))).toEqual(new Set([200]))
    expect(lair.okta.faults.asked.keys - before).toBe(1)
  })

  it('an empty set does not take the place of the keys that are known', async () => {
    await lair.signedIn()
    const from = lair.log.length
    lair.okta.rewrite = (path, body) => (path.endsWith('/keys') ? { keys: [] } : body)
    lair.pass(601)
    await lair.signedIn()
    await within10Seconds(async () => lair.log.slice(from).some((line) => line.dependency === 'signing keys'))
    expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
  })
})

describe('the metadata of the authorization server', () => {
  it.each<[string, Json]>([
    ['[3] announces no PKCE', { code_challenge_methods_supported: undefined }],
    ['[3] announces plain PKCE only', { code_challenge_methods_supported: ['plain'] }],
    ['[10] names another issuer', { issuer: 'https://evil.example' }],
    ['[25] has its keys behind http', { jwks_uri: 'http://evil.example/keys' }],
    ['has no keys', { jwks_uri: undefined }],
    ['has no authorization endpoint', { authorization_endpoint: undefined }],
  ])('%s: 503, no redirect, no cookie', async (_what, changes) => {
    lair.okta.rewrite = (path, body) =>
      path.endsWith('/openid-configuration') ? { ...body, ...changes } : body
    await lair.restart()
    const page = await lair.visitor().ask('/login')
    expect(page.status).toBe(503)
    expect(page.location).toBeUndefined()
    expect(page.setCookies).toEqual([])
  })
})
