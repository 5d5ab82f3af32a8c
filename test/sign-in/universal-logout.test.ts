import { createHmac, createPrivateKey, createPublicKey, type JsonWebKey, sign } from 'node:crypto'
import { request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LocalPerson } from '../../local-okta/people.js'
import { createSigningKey } from '../../local-okta/signing-key.js'
import { signer, type UniversalLogoutChanges } from '../../local-okta/universal-logout.js'
import { createUsedTokens } from '../../src/sign-in/used-tokens.js'
import { type Lair, startLair } from '../support/lair.js'
import { LION_O } from '../support/okta-client.js'
import type { Visitor } from '../support/visitor.js'

const CHEETARA = 'cheetara@thundera.example'
const PATH = '/global-token-revocation'

/** A key that is not Okta's. One for all: to make it takes 0.1 s. */
const ownKey = createSigningKey()

let lair: Lair
let lionO: LocalPerson
beforeAll(async () => {
  lair = await startLair({ TRUST_PROXY: 'loopback' })
  lionO = personOf(LION_O)
})
afterEach(async () => {
  lair.okta.rewrite = undefined
  await lair.okta.faults.clear()
})
afterAll(() => lair.close())

function personOf(login: string): LocalPerson {
  const person = lair.okta.people.find(({ profile }) => profile.login === login)
  if (!person) throw new Error(`nobody is ${login}`)
  return person
}

const logOut = (changes?: UniversalLogoutChanges, person: LocalPerson = lionO) =>
  lair.okta.sendUniversalLogout(person, changes)
/** The tokens that the app gets when a person signs in. */
async function tokensOfOkta(): Promise<{ id_token: string; access_token: string }> {
  let tokens: Record<string, unknown> = {}
  lair.okta.rewrite = (path, body) => {
    if (path.endsWith('/token')) tokens = body
    return body
  }
  await lair.signedIn(CHEETARA)
  return { id_token: String(tokens.id_token), access_token: String(tokens.access_token) }
}

const statusOf = async (changes?: UniversalLogoutChanges) => (await logOut(changes)).status
const isIn = async (visitor: Visitor) => (await visitor.ask('/lair')).status === 200
const seconds = (ahead: number) => Math.floor(Date.now() / 1000) + ahead

/** A stranger's requests must not use up the number of refusals of the next test. */
let address = 0
const elsewhere = () => ({ 'X-Forwarded-For': `203.0.113.${++address}` })

describe('[76] Universal Logout', () => {
  it('ends the sessions of the person in every browser; others stay, and so does what begins afterwards', async () => {
    const [one, other, cheetara] = [
      await lair.signedIn(),
      await lair.signedIn(),
      await lair.signedIn(CHEETARA),
    ]
    const copy = one.copy()
    const from = lair.log.length
    const answer = await logOut()
    expect([answer.status, await answer.text()]).toEqual([204, ''])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(lair.log.slice(from)).toEqual([
      {
        level: 'info',
        time: expect.any(String),
        requestId: expect.any(String),
        subject: lionO.id,
        msg: 'signed out by Okta',
      },
    ])
    expect(await Promise.all([one, other, copy].map(isIn))).toEqual([false, false, false])
    expect(await isIn(cheetara)).toBe(true)
    expect(await isIn(await lair.signedIn())).toBe(true)
  })

  it.each<[string, UniversalLogoutChanges]>([
    ['iss_sub, with the org', { format: 'iss_sub' }],
    ['email', { format: 'email' }],
    ['opaque', { format: 'opaque' }],
    ['an older draft', { body: { subject: { format: 'email', email: LION_O } } }],
    ['an address in capitals', { body: { sub_id: { format: 'email', email: LION_O.toUpperCase() } } }],
  ])('understands a subject in the format of %s', async (_what, changes) => {
    const [visitor, cheetara] = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    expect(await statusOf(changes)).toBe(204)
    expect([await isIn(visitor), await isIn(cheetara)]).toEqual([false, true])
  })

  it.each<[string, () => UniversalLogoutChanges]>([
    ['the issuer is the authorization server', () => ({ claims: { iss: lair.okta.issuer } })],
    ['the subject is of the authorization server', () => subjectOf(lair.okta.issuer)],
    ['the audience is a list of one', () => ({ claims: { aud: [`${lair.url}${PATH}`] } })],
    [
      'the token is from nbf to exp, without iat',
      () => ({ claims: { iat: undefined, nbf: seconds(-300), exp: seconds(300) } }),
    ],
    ['the token has no nbf', () => ({ claims: { nbf: undefined } })],
    [
      'Okta’s clock is 4 minutes ahead',
      () => ({ claims: { iat: seconds(240), nbf: seconds(240), exp: seconds(540) } }),
    ],
    [
      'Okta’s clock is behind',
      () => ({ claims: { iat: seconds(-590), nbf: seconds(-590), exp: seconds(-290) } }),
    ],
  ])('is Okta’s word, if %s', async (_what, changes) => {
    const visitor = await lair.signedIn()
    expect(await statusOf(changes())).toBe(204)
    expect(await isIn(visitor)).toBe(false)
  })

  it('ends the sessions of everybody who has the e-mail address, and of nobody else', async () => {
    const cheetara = personOf(CHEETARA)
    const email = 'cats"\\ or id sw "00u@thundera.example'
    lionO.profile.email = cheetara.profile.email = email
    const visitors = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    expect(await statusOf({ format: 'email' })).toBe(204)
    expect(await Promise.all(visitors.map(isIn))).toEqual([false, false])
    Object.assign(lionO.profile, { email: LION_O })
    Object.assign(cheetara.profile, { email: CHEETARA })

    const [again, other] = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    expect(await statusOf({ body: { sub_id: { format: 'email', email } } })).toBe(404)
    expect(await Promise.all([again, other].map(isIn))).toEqual([true, true])
  })

  it('needs no answer of the Users API for a subject with an id', async () => {
    const visitor = await lair.signedIn()
    const { users } = lair.okta.faults.asked
    expect(await statusOf({ body: { sub_id: { format: 'opaque', id: '00uNobodyHere' } } })).toBe(204)
    expect(await statusOf()).toBe(204)
    expect(lair.okta.faults.asked.users).toBe(users)
    expect(await isIn(visitor)).toBe(false)
  })

  it('works with the org’s own authorization server', async () => {
    await lair.restart({ OKTA_ISSUER: lair.okta.orgUrl })
    for (const format of ['iss_sub', 'email', 'opaque'] as const) {
      const visitor = await lair.signedIn()
      expect(await statusOf({ format })).toBe(204)
      expect(await isIn(visitor)).toBe(false)
    }
    expect(await statusOf(subjectOf(lair.okta.issuer))).toBe(400)
    await lair.restart()
  })
})

const subjectOf = (iss: string) => ({ body: { sub_id: { format: 'iss_sub', iss, sub: lionO.id } } })

describe('[133] Universal Logout takes only Okta’s signed word', () => {
  const json = (value: unknown) => JSON.stringify(value)
  const sub_id = (subject: unknown) => ({ body: { sub_id: subject } })
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } })
  const publicKey = () => createPublicKey({ key: lair.okta.signingKey as JsonWebKey, format: 'jwk' })
  const hmac = (key: string) => (input: string) => createHmac('sha256', key).update(input).digest('base64url')
  const claims = (changed: Record<string, unknown>) => ({ claims: changed })
  const header = (changed: Record<string, unknown>) => ({ header: changed })

  const CREDENTIALS: [
    what: string,
    changes: () => UniversalLogoutChanges | Promise<UniversalLogoutChanges>,
  ][] = [
    ['no credential', () => ({ headers: { Authorization: undefined } })],
    ['another scheme', () => ({ headers: { Authorization: 'Basic bGlvbi1vOng=' } })],
    ['an empty token', () => bearer('')],
    ['a token that is none', () => bearer('a.b.c')],
    ['two tokens in one header', () => bearer('a.b.c, Bearer a.b.c')],
    ['typ JWT', () => header({ typ: 'JWT' })],
    ['typ logout+jwt', () => header({ typ: 'logout+jwt' })],
    ['no typ', () => header({ typ: undefined })],
    ['alg none', () => ({ ...header({ alg: 'none' }), sign: () => '' })],
    ['alg none, with a signature', () => header({ alg: 'none' })],
    [
      'alg HS256 with the public key as PEM',
      () => ({
        ...header({ alg: 'HS256' }),
        sign: hmac(publicKey().export({ type: 'spki', format: 'pem' }).toString()),
      }),
    ],
    [
      'alg HS256 with the public key as a JWK',
      () => ({
        ...header({ alg: 'HS256' }),
        sign: hmac(json(publicKey().export({ format: 'jwk' }))),
      }),
    ],
    ['alg RS384 in the header', () => header({ alg: 'RS384' })],
    ['alg PS256 in the header', () => header({ alg: 'PS256' })],
    ['an unknown critical header', () => header({ crit: ['x'], x: 1 })],
    ['a key of its own under Okta’s kid', async () => ({ sign: signer(await ownKey) })],
    [
      'a key of its own, in the header',
      async () => {
        const key = await ownKey
        const { n, e } = key as JsonWebKey
        return { ...header({ kid: key.kid, jwk: { kty: 'RSA', n, e } }), sign: signer(key) }
      },
    ],
    ['no signature', () => ({ sign: () => '' })],
    ['a signature of something else', () => ({ sign: (input) => signer(lair.okta.signingKey)(`${input}x`) })],
    ['a foreign issuer', () => claims({ iss: 'https://other.okta.com' })],
    ['an issuer of another path', () => claims({ iss: `${lair.okta.orgUrl}/oauth2/other` })],
    ['an issuer with a slash', () => claims({ iss: `${lair.okta.orgUrl}/` })],
    ['no issuer', () => claims({ iss: undefined })],
    ['a foreign audience', () => claims({ aud: `https://other.example${PATH}` })],
    ['the audience of the home page', () => claims({ aud: lair.url })],
    ['an audience with a query', () => claims({ aud: `${lair.url}${PATH}?a=1` })],
    ['an audience with a fragment', () => claims({ aud: `${lair.url}${PATH}#a` })],
    ['an audience with a slash', () => claims({ aud: `${lair.url}${PATH}/` })],
    ['our client ID as audience', () => claims({ aud: lair.okta.clientId })],
    ['several audiences', () => claims({ aud: [`${lair.url}${PATH}`, 'https://other.example'] })],
    ['no audience', () => claims({ aud: undefined })],
    ['an end six minutes ago', () => claims({ iat: seconds(-600), nbf: undefined, exp: seconds(-360) })],
    ['no end', () => claims({ exp: undefined })],
    ['an end that is a text', () => claims({ exp: String(seconds(300)) })],
    ['a beginning in six minutes', () => claims({ nbf: seconds(360) })],
    ['an issue in six minutes', () => claims({ iat: seconds(360), nbf: undefined, exp: seconds(600) })],
    ['a life of an hour', () => claims({ exp: seconds(3600) })],
    ['a life of an hour, by nbf', () => claims({ iat: undefined, nbf: seconds(-3300) })],
    ['neither iat nor nbf', () => claims({ iat: undefined, nbf: undefined })],
    ['no jti', () => claims({ jti: undefined })],
    ['an empty jti', () => claims({ jti: '' })],
    ['a jti that is a number', () => claims({ jti: 7 })],
    ['a jti of a kilobyte', () => claims({ jti: 'x'.repeat(1024) })],
    ['an ID token of the right issuer', async () => bearer((await tokensOfOkta()).id_token)],
    ['an access token of the right issuer', async () => bearer((await tokensOfOkta()).access_token)],
    ['the API token', () => bearer(lair.okta.apiToken)],
  ]

  const WORDS: [what: string, status: number, changes: UniversalLogoutChanges][] = [
    ['no subject', 400, { body: {} }],
    ['a subject that is a text', 400, sub_id(LION_O)],
    ['a subject in a list', 400, { body: [{ sub_id: { format: 'email', email: LION_O } }] }],
    ['a subject without a format', 400, sub_id({ email: LION_O })],
    ['an unknown format', 400, sub_id({ format: 'phone_number', phone_number: '+123' })],
    ['the name of a member of every object as format', 400, sub_id({ format: 'toString' })],
    [
      'an issuer that is not Okta',
      400,
      sub_id({ format: 'iss_sub', iss: 'https://x.example', sub: '00u00000000000000001' }),
    ],
    ['an issuer in a list', 400, sub_id({ format: 'iss_sub', iss: ['x'], sub: '00u00000000000000001' })],
    [
      'an issuer that cannot be made a text',
      400,
      sub_id({ format: 'iss_sub', iss: { toString: 1, valueOf: 1 }, sub: '00u00000000000000001' }),
    ],
    ['no id', 400, sub_id({ format: 'opaque' })],
    ['the id "me"', 400, sub_id({ format: 'opaque', id: 'me' })],
    ['an id with a path', 400, sub_id({ format: 'opaque', id: '../groups' })],
    ['an e-mail address that is none', 400, sub_id({ format: 'email', email: 'lion-o' })],
    ['an e-mail address with a line break', 400, sub_id({ format: 'email', email: 'a\nb@thundera.example' })],
    [
      'an e-mail address of a kilobyte',
      400,
      sub_id({ format: 'email', email: `${'x'.repeat(1024)}@thundera.example` }),
    ],
    ['an e-mail address that is a list', 400, sub_id({ format: 'email', email: [LION_O] })],
    ['an unknown e-mail address', 404, sub_id({ format: 'email', email: 'snarf@thundera.example' })],
    ['the beginning of an e-mail address', 404, sub_id({ format: 'email', email: 'lion-o@thundera.exampl' })],
    [
      'a search in place of an address',
      404,
      sub_id({ format: 'email', email: 'x" or profile.email sw "l@x' }),
    ],
    ['broken JSON', 400, { body: '{"sub_id":' }],
    ['JSON that is a number', 400, { body: '7' }],
    ['no body', 400, { body: '' }],
    ['a huge body', 413, { body: json({ sub_id: { format: 'opaque', id: 'x'.repeat(9000) } }) }],
    ['text', 415, { headers: { 'Content-Type': 'text/plain' } }],
    ['a form', 415, { body: 'sub_id=1', headers: { 'Content-Type': 'application/x-www-form-urlencoded' } }],
    ['a compressed body', 415, { headers: { 'Content-Encoding': 'gzip' } }],
    ['GET', 405, { method: 'GET' }],
    ['PUT', 405, { method: 'PUT' }],
  ]

  let visitor: Visitor
  beforeAll(async () => {
    visitor = await lair.signedIn()
  })

  it.each(CREDENTIALS)('and not %s', async (what, changes) => {
    const changed = await changes()
    const from = lair.log.length
    const answer = await logOut({ ...changed, headers: { ...elsewhere(), ...changed.headers } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer( error="invalid_token")?$/)
    const code = await refusalIn(answer, from)
    if (what === 'no credential') expect(code).toBe('no_credential')
    expect(await isIn(visitor)).toBe(true)
  })

  it.each(WORDS)('and not %s', async (_what, status, changes) => {
    const from = lair.log.length
    const answer = await logOut(changes)
    expect(answer.status).toBe(status)
    if (status === 405) expect(answer.headers.get('allow')).toBe('POST')
    await refusalIn(answer, from)
    expect(await isIn(visitor)).toBe(true)
  })

  /** Expects one line in the log, with the code of the answer and without the token. @returns the code */
  async function refusalIn(answer: Response, from: number): Promise<unknown> {
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { error, message } = (await answer.json()) as Record<string, unknown>
    const lines = lair.log.slice(from)
    expect(lines).toEqual([expect.objectContaining({ code: error, msg: `answered ${answer.status}` })])
    expect(JSON.stringify([message, lines])).not.toMatch(/eyJ|thundera\.example/)
    return error
  }

  it('and no token elsewhere than in the header, and none in two headers', async () => {
    let token = ''
    let body = ''
    await logOut({
      async fetch(_url, init) {
        token = String(init.headers.Authorization)
        body = String(init.body)
        return new Response()
      },
    })
    const bare = token.replace('Bearer ', '')
    const ask = (path: string, authorization: string[], content = body) =>
      new Promise<number>((resolve, reject) => {
        const headers = { 'Content-Type': 'application/json', ...elsewhere() }
        const request = send(`${lair.url}${path}`, { method: 'POST', headers }, async (answer) => {
          await text(answer)
          resolve(answer.statusCode ?? 0)
        })
        if (authorization.length > 0) request.setHeader('Authorization', authorization)
        request.once('error', reject).end(content)
      })
    expect(await ask(PATH, [token, token])).toBe(401)
    expect(await ask(PATH, ['Bearer x', token])).toBe(401)
    expect(await ask(`${PATH}?access_token=${bare}`, [])).toBe(401)
    expect(await ask(PATH, [], JSON.stringify({ ...JSON.parse(body), access_token: bare }))).toBe(401)
    expect(await isIn(visitor)).toBe(true)
    expect(await ask(PATH, [token])).toBe(204) // the token itself is good
    visitor = await lair.signedIn()
  })

  it.each([
    ['of the org', '/oauth2/v1/keys'],
    ['of the authorization server', '/v1/keys'],
  ])('signed with a key %s', async (_what, path) => {
    await lair.restart() // no keys are known
    const key = await ownKey
    const { kid, n, e } = key as JsonWebKey & { kid: string }
    const fresh = { kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e }
    lair.okta.rewrite = (at, keys) => (at === path ? { keys: [...(keys.keys as object[]), fresh] } : keys)
    const changes = { header: { kid }, sign: signer(key) }
    const one = await lair.signedIn()
    expect(await statusOf(changes)).toBe(204)
    expect(await isIn(one)).toBe(false)
    expect(await statusOf(changes)).toBe(204)
    expect(await statusOf({ ...changes, sign: signer(lair.okta.signingKey), headers: elsewhere() })).toBe(401)
    visitor = await lair.signedIn()
  })

  it('with RS256, also if the keys name no algorithm', async () => {
    await lair.restart()
    lair.okta.rewrite = (path, body) =>
      path.endsWith('/keys')
        ? { keys: (body.keys as object[]).map((key) => ({ ...key, alg: undefined })) }
        : body
    const key = createPrivateKey({ key: lair.okta.signingKey as JsonWebKey, format: 'jwk' })
    const by = (hash: string) => (input: string) => sign(hash, Buffer.from(input), key).toString('base64url')
    const rs512 = { header: { alg: 'RS512' }, sign: by('sha512'), headers: elsewhere() }
    expect([await statusOf({ sign: by('sha256') }), await statusOf(rs512)]).toEqual([204, 401])
    visitor = await lair.signedIn()
  })

  it('and looks up unknown keys six times a minute, which takes nothing from sign-ins', async () => {
    await lair.restart()
    await lair.ready()
    const before = lair.okta.faults.asked.keys
    const key = await ownKey
    for (let turn = 0; turn < 20; turn++) {
      const status = await statusOf({ header: { kid: `k${turn}` }, sign: signer(key), headers: elsewhere() })
      expect([401, 503]).toContain(status)
    }
    expect(lair.okta.faults.asked.keys - before).toBe(2 + 2 * 6) // two sets: the first fetch, and six look-ups
    await lair.okta.faults.on('keys-rotated')
    expect(await isIn(await lair.signedIn())).toBe(true) // with a key that the app has to look up
    lair.pass(60)
    expect(await statusOf()).toBe(204)
    visitor = await lair.signedIn()
  })

  it('while a flood of other requests from one address gets 429, and Okta’s own ones never do', async () => {
    const headers = { 'X-Forwarded-For': '198.51.100.1' }
    const answers = []
    for (let turn = 0; turn < 70; turn++)
      answers.push(await logOut({ headers: { ...headers, Authorization: 'Bearer x' } }))
    expect(answers.map(({ status }) => status)).toEqual([...Array(60).fill(401), ...Array(10).fill(429)])
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)
    for (let turn = 0; turn < 70; turn++) expect(await statusOf({ headers })).toBe(204)
    expect(await statusOf({ headers: elsewhere(), sign: () => '' })).toBe(401)
  })
})

describe('[134] a token of Universal Logout', () => {
  it('works once: a second time, also at the same time, it ends no session', async () => {
    const changes = () => ({ claims: { jti: 'once' }, headers: elsewhere() })
    const both = await Promise.all([statusOf(changes()), statusOf(changes())])
    expect(both.sort()).toEqual([204, 401])
    const visitor = await lair.signedIn()
    const replayed = await logOut(changes())
    expect([replayed.status, await replayed.json()]).toEqual([
      401,
      expect.objectContaining({ error: 'token_used' }),
    ])
    expect(await isIn(visitor)).toBe(true)
  })

  it('works once, also while its work takes time', async () => {
    const { users } = lair.okta.faults.asked
    await lair.okta.faults.on('users-slow')
    const changes = (): UniversalLogoutChanges => ({
      format: 'email',
      claims: { jti: 'slow' },
      headers: elsewhere(),
    })
    expect((await Promise.all([statusOf(changes()), statusOf(changes())])).sort()).toEqual([204, 401])
    expect(lair.okta.faults.asked.users).toBe(users + 1)
  })

  it.each(['users-500', 'users-token-revoked', 'users-null', 'users-wrong-shape', 'users-html'])(
    'is not used up while the Users API fails (%s): 503, and the same token works afterwards',
    async (fault) => {
      const visitor = await lair.signedIn()
      const changes: UniversalLogoutChanges = { format: 'email', claims: { jti: fault } }
      await lair.okta.faults.on(fault)
      const answer = await logOut(changes)
      expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true])
      const line = lair.log.findLast(({ msg }) => msg === 'answered 503')
      expect(line).toMatchObject({ level: 'error', code: 'okta_unavailable', err: { type: 'OktaFailure' } })
      await lair.okta.faults.clear()
      expect(await isIn(visitor)).toBe(true)
      expect(await statusOf(changes)).toBe(204)
      expect(await isIn(visitor)).toBe(false)
      expect(await statusOf({ ...changes, headers: elsewhere() })).toBe(401)
    },
  )

  it('is not used up while the keys cannot be fetched, or by a request that makes no sense', async () => {
    await lair.restart()
    const changes: UniversalLogoutChanges = { claims: { jti: 'patient' } }
    await lair.okta.faults.on('keys-500')
    const answer = await logOut({ ...changes, headers: elsewhere() })
    expect([answer.status, Number(answer.headers.get('retry-after')) > 0]).toEqual([503, true])
    await lair.okta.faults.clear()
    expect(await statusOf({ ...changes, body: {} })).toBe(400)
    expect(await statusOf(changes)).toBe(204)
  })

  it('is remembered until it has expired, in bounded memory', async () => {
    let now = 0
    const tokens = createUsedTokens(() => now, 2)
    expect([tokens.has('a'), tokens.use('a', 1000), tokens.use('a', 1000), tokens.has('a')]).toEqual([
      false,
      true,
      false,
      true,
    ])
    now = 1000
    expect(tokens.has('a')).toBe(false)
    for (const id of ['b', 'c', 'd']) tokens.use(id, 9000)
    expect(['b', 'c', 'd'].map((id) => tokens.has(id))).toEqual([false, true, true])
  })
})
