import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { CHECK_NAMES } from '../../src/cli/checks/check.js'
import { examine, expectNoSecret, findingOf, wrong } from '../support/findings.js'
import { asServiceApp, environmentFor } from '../support/lair.js'
import { management } from '../support/management.js'
import { type OrgApi, rule, startOrgApi } from '../support/org-api.js'
import { freePort } from '../support/process.js'
import { findRedis, startRedis } from '../support/redis-server.js'

const BASE_URL = 'http://localhost:3000'

let okta: LocalOkta
let org: OrgApi
let answersWhenWell: OrgApi['answers']
/** An app that is set up as it should be, in an org without a management API. */
let env: Record<string, string>
/** The same in an org with a management API. */
let envOfOrg: Record<string, string>

beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(BASE_URL)
  org = await startOrgApi(okta, BASE_URL)
  answersWhenWell = { ...org.answers }
  env = { ...environmentFor(okta), BASE_URL, PORT: '3000' }
  envOfOrg = { ...env, OKTA_ORG_URL: org.url, OKTA_ISSUER: okta.issuer }
})
afterEach(async () => {
  await okta.faults.clear()
  okta.rewrite = undefined
  okta.register(BASE_URL)
  org.answers = { ...answersWhenWell }
  org.remaining = 599
})
afterAll(async () => {
  org.close()
  await okta.close()
})

/** A server that is no Okta. */
async function serve(answer: RequestListener) {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Expects that one check names what is wrong, with a remedy, and that no other check complains. */
function expectOnly(
  findings: Awaited<ReturnType<typeof examine>>,
  check: (typeof CHECK_NAMES)[number],
  status: 'failed' | 'warning',
  words: RegExp,
) {
  expect(wrong(findings)).toEqual({ [check]: status })
  const { message, detail = '', remedy = '' } = findingOf(findings, check)
  expect(remedy).not.toBe('')
  expect(`${message} ${detail} ${remedy}`.replaceAll('\n', ' ')).toMatch(words)
}

describe('when all is well', () => {
  it('nothing is to be said about an app with a service app, at the local Okta', async () => {
    const { clientId: OKTA_API_CLIENT_ID, privateKey: OKTA_API_PRIVATE_KEY } = okta.serviceApp
    const findings = await examine({
      env: { ...env, OKTA_API_CLIENT_ID, OKTA_API_PRIVATE_KEY, OKTA_AUTH_TOKEN: '' },
    })
    expect(wrong(findings)).toEqual({})
  })

  it.each([
    ['credentials-invalid-client', /OKTA_API_CLIENT_ID/],
    ['credentials-invalid-scope', /okta\.users\.read/],
    ['credentials-dpop-required', /DPoP/],
  ])('but %s is', async (fault, words) => {
    const { clientId: OKTA_API_CLIENT_ID, privateKey: OKTA_API_PRIVATE_KEY } = okta.serviceApp
    await okta.faults.on(fault)
    const findings = await examine({
      env: { ...env, OKTA_API_CLIENT_ID, OKTA_API_PRIVATE_KEY, OKTA_AUTH_TOKEN: '' },
    })
    expectOnly(findings, 'api-credentials', 'failed', words)
  })

  it('each check says so, in the order of the contract', async () => {
    const findings = await examine({ env: envOfOrg })
    expect(findings.map(({ check }) => check)).toEqual([...CHECK_NAMES])
    for (const { check, status } of findings)
      expect([check, status]).toEqual([check, check === 'api-credentials' ? 'warning' : 'ok'])
  })

  it('the org’s own authorization server needs no access policy', async () => {
    const findings = await examine({ env: { ...env, OKTA_ISSUER: okta.orgUrl } })
    expect(wrong(findings)).toEqual({})
    expect(findingOf(findings, 'access-policy').status).toBe('ok')
  })

  it('nobody signs in, and Okta gets one token request', async () => {
    const before = { ...okta.faults.asked }
    await examine({ env })
    expect(okta.faults.asked.token - before.token).toBe(1)
    expect(okta.people.map(({ lastLogin }) => lastLogin)).toEqual(okta.people.map(() => null))
  })

  it('what cannot be seen from here is unknown: nothing need be done, and this is the place in the console', async () => {
    org.answers = { ...answersWhenWell, [`/api/v1/apps/${okta.clientId}`]: 403 }
    org.answers['/api/v1/authorizationServers/default/policies'] = 403
    const findings = await examine({ env: envOfOrg })
    expect(wrong(findings)).toEqual({})
    for (const check of ['sign-out-uri', 'access-policy', 'universal-logout'] as const) {
      const { status, detail, remedy } = findingOf(findings, check)
      const calming = expect.stringMatching(/^Nothing need be done.*To look: Admin Console: /)
      expect([check, status, detail, remedy]).toEqual([check, 'unknown', calming, undefined])
    }
  })
})

describe('settings', () => {
  it.each<[string, Record<string, string>, RegExp]>([
    ['missing', { OKTA_CLIENT_SECRET: '' }, /OKTA_CLIENT_SECRET is missing.*OKTA_CLIENT_SECRET: Admin Con/],
    ['misspelt', { OKTA_ORG_URL: '', OKTA_ORGURL: 'https://x.okta.com' }, /Is OKTA_ORG_URL meant\?/],
    ['a placeholder', { OKTA_CLIENT_ID: '{yourClientId}' }, /OKTA_CLIENT_ID is missing/],
    ['the admin host', { OKTA_ORG_URL: 'https://dev-1-admin.okta.com' }, /leave out "-admin"/],
    ['a path', { OKTA_ORG_URL: 'https://dev-1.okta.com/oauth2' }, /OKTA_ORG_URL must not contain a path/],
    ['a token with a newline', { OKTA_AUTH_TOKEN: '00token\nof-two-lines' }, /OKTA_AUTH_TOKEN contains a sp/],
    ['a key that is short', { SECRET_KEY: 'short-key' }, /SECRET_KEY has a key with fewer.*.*openssl/],
    ['https without TRUST_PROXY', { BASE_URL: 'https://lair.example' }, /TRUST_PROXY is missing/],
    ['several at once', { PORT: 'x', SECRET_KEY: '' }, /SECRET_KEY is missing.*PORT must.*PORT: Default/],
  ])('%s: failed with the remedy, and all that needs settings is skipped', async (_what, changes, words) => {
    const findings = await examine({ env: { ...env, ...changes } })
    expectOnly(findings, 'settings', 'failed', words)
    const others = findings.filter(({ check }) => check !== 'settings' && check !== 'node')
    for (const { message, status } of others)
      expect([status, message]).toEqual(['unknown', 'after: settings'])
  })

  it('none at all: one line names npm run dev', async () => {
    const findings = await examine({ env: { PATH: '/bin', HOME: '/root' } })
    expectOnly(findings, 'settings', 'failed', /^There are no settings; `npm run dev` needs none /)
  })

  it('a name that looks misspelt is a warning', async () => {
    const findings = await examine({ env: { ...env, USER_CACHE_SECOND: '5' } })
    expectOnly(findings, 'settings', 'warning', /USER_CACHE_SECOND is not read. Is USER_CACHE_SECONDS meant/)
  })

  it.each<[string, Record<string, string>, 'base-url', RegExp]>([
    ['BASE_URL is unset in production', { BASE_URL: '', NODE_ENV: 'production' }, 'base-url', /set BASE_URL/],
    ['BASE_URL names another port', { PORT: '3999' }, 'base-url', /port 3000, and .* port 3999/],
  ])('%s: a warning', async (_what, changes, check, words) => {
    expectOnly(await examine({ env: { ...env, ...changes } }), check, 'warning', words)
  })

  it('https with no proxy that is trusted: a warning', async () => {
    const changes = { BASE_URL: 'https://lair.example', TRUST_PROXY: '0' }
    okta.register(changes.BASE_URL)
    expectOnly(await examine({ env: { ...env, ...changes } }), 'proxy', 'warning', /Set TRUST_PROXY/)
  })

  it('a Redis that cannot be reached is a failure', async () => {
    const REDIS_URL = `redis://:secret@127.0.0.1:${await freePort()}`
    expectOnly(await examine({ env: { ...env, REDIS_URL } }), 'redis', 'failed', /Check that Redis runs/)
  })

  it.skipIf(!findRedis())(
    'a Redis that answers and takes writes is well; a password that it does not take is not',
    async () => {
      const redis = await startRedis(['--requirepass', 'right'])
      const examineWith = (password: string) =>
        examine({ env: { ...env, REDIS_URL: redis.url.replace('://', `://:${password}@`) } })
      expect(wrong(await examineWith('right'))).toEqual({})
      expectOnly(await examineWith('wrong'), 'redis', 'failed', /Compare user and password/)
      await redis.close()
    },
  )

  it('in development BASE_URL may be unset', async () => {
    const findings = await examine({ env: { ...env, BASE_URL: '', NODE_ENV: 'development' } })
    expect(wrong(findings)).toEqual({})
  })
})

describe('groups', () => {
  const LAIR_GROUPS = 'Thundercats, Lair keepers'

  it('that the org has, and that the app may read, are well: with an API token and with a service app', async () => {
    expect(wrong(await examine({ env: { ...env, LAIR_GROUPS } }))).toEqual({})
    const findings = await examine({ env: { ...env, ...asServiceApp(okta), LAIR_GROUPS } })
    expect(wrong(findings)).toEqual({})
    expect(findingOf(findings, 'groups').message).toMatch(/has every group of LAIR_GROUPS/)
  })

  it('are not asked for while LAIR_GROUPS is unset', async () => {
    const before = okta.faults.asked.groups
    expect(findingOf(await examine({ env }), 'groups')).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('not used'),
    })
    expect(okta.faults.asked.groups).toBe(before)
  })

  it('of which the org has only some are a warning, none a failure; names are compared letter by letter', async () => {
    const with_ = (names: string) => examine({ env: { ...env, LAIR_GROUPS: names } })
    expectOnly(
      await with_('Thundercats, "Mutants" <&>'),
      'groups',
      'warning',
      /no group “"Mutants" <&>”.*Make/,
    )
    expectOnly(await with_('thundercats'), 'groups', 'failed', /no group “thundercats”.*letter by letter/)
    const alike = { ...envOfOrg, LAIR_GROUPS: 'Thundercats in' }
    expectOnly(await examine({ env: alike }), 'groups', 'failed', /no group “Thundercats in”/)
  })

  it('of which the org has two of one name are a warning: the members of both may enter', async () => {
    for (const login of ['lion-o@thundera.example', 'cheetara@thundera.example'])
      okta.addGroup('Tygra’s friends', [login])
    const findings = await examine({ env: { ...env, LAIR_GROUPS: 'Thundercats, Tygra’s friends' } })
    expectOnly(findings, 'groups', 'warning', /several groups of the name “Tygra’s friends”.*rename/)
  })

  it('that the app may not read are a failure, whose remedy names the scope', async () => {
    await okta.faults.on('groups-right-missing')
    expectOnly(await examine({ env: { ...env, LAIR_GROUPS } }), 'groups', 'failed', /okta\.groups\.read/)
    await okta.faults.clear()
    okta.serviceApp.scopes = ['okta.users.read']
    const findings = await examine({ env: { ...env, ...asServiceApp(okta), LAIR_GROUPS } })
    okta.serviceApp.scopes = ['okta.users.read', 'okta.groups.read']
    expectOnly(findings, 'groups', 'failed', /okta\.groups\.read/)
  })

  it('wait for the credentials', async () => {
    const findings = await examine({ env: { ...env, OKTA_AUTH_TOKEN: '00wrong', LAIR_GROUPS } })
    expect(findingOf(findings, 'groups').message).toBe('after: api-credentials')
  })
})

describe('node', () => {
  it.each(['18.20.0', '20.18.9', '21.7.3', '22.11.0'])('%s is not supported', async (nodeVersion) => {
    expectOnly(await examine({ env, nodeVersion }), 'node', 'warning', /is not supported.*Install one/)
  })

  it.each(['20.19.0', '22.12.1', '23.0.0', '26.1.0'])('%s is supported', async (nodeVersion) => {
    expect(wrong(await examine({ env, nodeVersion }))).toEqual({})
  })
})

describe('the org and its authorization server', () => {
  it('nothing listens at OKTA_ORG_URL', async () => {
    const changes = { OKTA_ORG_URL: `http://localhost:${await freePort()}` }
    const findings = await examine({ env: { ...env, ...changes } })
    expectOnly(findings, 'org-url', 'failed', /Nothing answers.*Compare OKTA_ORG_URL with your Okta domain/)
    expect(findingOf(findings, 'universal-logout').message).toBe('after: org-url')
  })

  it.each([
    ['a web page', (res) => res.end('<h1>Welcome</h1>')],
    ['other JSON', (res) => res.end('{"hello":"world"}')],
    ['another provider', (res) => res.end('{"authorization_endpoint":"https://x.example/authorize"}')],
    ['404', (res) => res.writeHead(404).end()],
    ['a redirect', (res) => res.writeHead(302, { Location: 'https://example.com/' }).end()],
  ] satisfies [string, (res: Parameters<RequestListener>[1]) => unknown][])(
    'OKTA_ORG_URL is no Okta: %s',
    async (_what, answer) => {
      const { server, url } = await serve((_req, res) => void answer(res))
      expectOnly(await examine({ env: { ...env, OKTA_ORG_URL: url } }), 'org-url', 'failed', /is no Okta org/)
      server.close()
    },
  )

  it('there is no authorization server at OKTA_ISSUER', async () => {
    const changes = { OKTA_ISSUER: `${okta.orgUrl}/oauth2/nowhere` }
    const findings = await examine({ env: { ...env, ...changes } })
    expectOnly(findings, 'discovery', 'failed', /compare it with the issuer URI in Okta/)
    expect(findingOf(findings, 'client').message).toBe('after: discovery')
  })

  it('a stand-in or a proxy may know the metadata only', async () => {
    org.answers['/.well-known/okta-organization'] = 404
    const authorization_endpoint = `${org.url}/oauth2/v1/authorize`
    org.answers['/.well-known/openid-configuration'] = { issuer: org.url, authorization_endpoint }
    expect(wrong(await examine({ env: envOfOrg }))).toEqual({})
  })

  it('OKTA_ISSUER is of another org', async () => {
    const other = await startLocalOkta()
    other.register(BASE_URL)
    const changes = { OKTA_ISSUER: other.issuer }
    expectOnly(await examine({ env: { ...env, ...changes } }), 'discovery', 'failed', /different orgs.*Comp/)
    await other.close()
  })

  it.each([
    ['discovery-other-issuer', 'discovery', /Compare OKTA_ISSUER with the issuer URI/],
    [
      'discovery-feature-not-enabled',
      'discovery',
      /no API Access Management.*set OKTA_ISSUER to your Okta d/,
    ],
    ['discovery-500', 'discovery', /status.okta.com/],
    ['discovery-html', 'discovery', /Check OKTA_ORG_URL and OKTA_ISSUER/],
    ['keys-500', 'signing-keys', /status.okta.com/],
    ['keys-wrong-shape', 'signing-keys', /no set of keys/],
    ['clock-1h-ahead', 'clock', /(3599|3600) s ahead.*NTP/],
    ['clock-5min-behind', 'clock', /s behind ours.*NTP/],
  ] as const)('%s', async (fault, check, words) => {
    await okta.faults.on(fault)
    expectOnly(await examine({ env }), check, 'failed', words)
  })

  it('a clock that is half a minute off is a warning, whoever’s it is', async () => {
    await okta.faults.on('clock-30s-ahead')
    expectOnly(await examine({ env }), 'clock', 'warning', /ahead of ours.*NTP/)
    await okta.faults.clear()
    const now = () => Date.now() + 30_000
    expectOnly(await examine({ env, now }), 'clock', 'warning', /behind ours.*NTP/)
  })
})

describe('the app integration', () => {
  it('the client id is wrong', async () => {
    const findings = await examine({ env: { ...env, OKTA_CLIENT_ID: '0oaWrong' } })
    expectOnly(findings, 'client', 'failed', /OKTA_CLIENT_ID: it knows no such app.*General tab/)
    expect(findingOf(findings, 'redirect-uri').message).toBe('after: client')
  })

  it('the client secret is wrong', async () => {
    const findings = await examine({ env: { ...env, OKTA_CLIENT_SECRET: 'wrong-secret' } })
    expectOnly(findings, 'client', 'failed', /accept OKTA_CLIENT_SECRET. It knows OKTA_CLIENT_ID.*General/)
    expect(findingOf(findings, 'redirect-uri').status).toBe('ok')
  })

  it('the grant type is not allowed', async () => {
    okta.rewrite = (path, body) => (path.endsWith('/token') ? { error: 'unauthorized_client' } : body)
    expectOnly(await examine({ env }), 'client', 'failed', /unauthorized_client.*Authorization Code/)
  })

  it('the redirect URI is not registered', async () => {
    const app = (await management(okta)('GET', `/apps/${okta.clientId}`)).body
    app.settings.oauthClient.redirect_uris = ['http://localhost:4000/callback']
    await management(okta)('PUT', `/apps/${okta.clientId}`, app)
    const findings = await examine({ env })
    expectOnly(
      findings,
      'redirect-uri',
      'failed',
      /Sign-in redirect URIs: add http:\/\/localhost:3000\/callb/,
    )
    expect(findingOf(findings, 'client').status).toBe('ok')
  })

  it.each([
    [
      'that the redirect URI is wrong',
      400,
      'The ‘redirect_uri’ parameter must be a Login redirect URI in the cli',
    ],
    ['nothing that is known', 400, 'Something else'],
  ])('Okta’s own page says %s', async (_what, status, text) => {
    const { server, url } = await serve((_req, res) => res.writeHead(status).end(text))
    okta.rewrite = (_path, body) =>
      'authorization_endpoint' in body ? { ...body, authorization_endpoint: url } : body
    expectOnly(await examine({ env }), 'redirect-uri', 'failed', /Sign-in redirect URIs: add/)
    server.close()
  })

  it('Okta never answers the sign-in', async () => {
    const { server, url } = await serve(() => undefined)
    okta.rewrite = (_path, body) =>
      'authorization_endpoint' in body ? { ...body, authorization_endpoint: url } : body
    const findings = await examine({ env })
    expectOnly(findings, 'redirect-uri', 'failed', /did not answer in time.*status.okta.com/)
    expect(findingOf(findings, 'client').status).toBe('ok')
    server.closeAllConnections()
    server.close()
  })

  it('the sign-out URI is not registered', async () => {
    const oauthClient = { post_logout_redirect_uris: [BASE_URL] } // without the slash
    org.answers[`/api/v1/apps/${okta.clientId}`] = { settings: { oauthClient } }
    const findings = await examine({ env: envOfOrg })
    expectOnly(
      findings,
      'sign-out-uri',
      'failed',
      /Sign-out redirect URIs: add http:\/\/localhost:3000\/, wi/,
    )
  })
})

describe('access-policy', () => {
  const POLICIES = '/api/v1/authorizationServers/default/policies'

  it.each<[string, Record<string, unknown>]>([
    ['there is none, as in a new org', { [POLICIES]: [] }],
    ['it is inactive', { [POLICIES]: [{ id: 'ours', status: 'INACTIVE' }] }],
    ['it has no rule', { [`${POLICIES}/ours/rules`]: [] }],
    ['its rule is inactive', { [`${POLICIES}/ours/rules`]: [rule({ status: 'INACTIVE' })] }],
    [
      'its rule leaves a scope out',
      { [`${POLICIES}/ours/rules`]: [rule({ scopes: ['openid', 'profile'] })] },
    ],
    [
      'its rule is for services',
      { [`${POLICIES}/ours/rules`]: [rule({ grantTypes: ['client_credentials'] })] },
    ],
  ])('%s', async (_what, answers) => {
    Object.assign(org.answers, answers)
    expectOnly(await examine({ env: envOfOrg }), 'access-policy', 'failed', /Access Policies: add a policy/)
  })

  it('Okta says so to the sign-in', async () => {
    const { server, url } = await serve((_req, res) => {
      const query = 'error=access_denied&error_description=Policy+evaluation+failed+for+this+request'
      res.writeHead(302, { Location: `${BASE_URL}/callback?${query}` }).end()
    })
    okta.rewrite = (_path, body) =>
      'authorization_endpoint' in body ? { ...body, authorization_endpoint: url } : body
    expectOnly(await examine({ env }), 'access-policy', 'failed', /Access Policies: add a policy/)
    server.close()
  })

  it('a feature is not enabled', async () => {
    await okta.faults.on('authorize-feature-not-enabled')
    const findings = await examine({ env })
    expectOnly(
      findings,
      'access-policy',
      'failed',
      /no API Access Management.*set OKTA_ISSUER to your Okta d/,
    )
    expect(findingOf(findings, 'redirect-uri').message).toBe('after: access-policy')
  })
})

describe('Okta’s API', () => {
  it.each([
    ['users-token-revoked', 'api-credentials', /OKTA_AUTH_TOKEN.*Create an API token/],
    ['users-right-missing', 'api-rights', /Read-only Administrator/],
    ['users-rate-limited', 'rate-limit', /Wait a minute/],
    ['users-drops', 'api-credentials', /status.okta.com/],
  ] as const)('%s', async (fault, check, words) => {
    await okta.faults.on(fault)
    const findings = await examine({ env })
    expectOnly(findings, check, 'failed', words)
    const skipped = findingOf(findings, 'universal-logout').message
    if (check !== 'api-rights') expect(skipped).toBe(`after: ${check}`)
  })

  it('a tenth of the rate limit is left', async () => {
    org.remaining = 59
    expectOnly(await examine({ env: envOfOrg }), 'rate-limit', 'warning', /59 of 600.*Rate Limits/)
  })
})

describe.concurrent('however slow Okta is', () => {
  const CHECKS = {
    users: 'api-credentials',
    token: 'client',
    discovery: 'discovery',
    keys: 'signing-keys',
  } as const
  const hangs = (['users', 'token', 'discovery', 'keys'] as const).flatMap((group) =>
    ['hangs', 'stalls'].map((how) => [`${group}-${how}`, group] as const),
  )
  const oktas = new Map<string, LocalOkta>()
  beforeAll(async () => {
    for (const [fault] of hangs) oktas.set(fault, await startLocalOkta()) // making keys takes the processor
  })
  afterAll(() => Promise.all([...oktas.values()].map((each) => each.close())))

  it.each(hangs)('%s: the doctor ends within 15 s, and one check says so', async (fault, group) => {
    const slow = oktas.get(fault) as LocalOkta
    slow.register(BASE_URL)
    await slow.faults.on(fault)
    const begun = performance.now()
    const findings = await examine({ env: { ...environmentFor(slow), BASE_URL, PORT: '3000' } })
    expect(performance.now() - begun).toBeLessThan(15_000)
    expectOnly(findings, CHECKS[group], 'failed', /did not answer in time/)
  })

  it('an org that never answers: the doctor ends within 15 s', async () => {
    const { server, url } = await serve(() => undefined)
    const begun = performance.now()
    const findings = await examine({ env: { ...env, OKTA_ORG_URL: url } })
    expect(performance.now() - begun).toBeLessThan(15_000)
    expectOnly(findings, 'org-url', 'failed', /did not answer in time/)
    server.closeAllConnections()
    server.close()
  })

  it('an org whose every answer takes a second: all is well, within 10 s', async () => {
    const slow = await startOrgApi(okta, BASE_URL, 1000)
    const begun = performance.now()
    const findings = await examine({ env: { ...envOfOrg, OKTA_ORG_URL: slow.url } })
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(wrong(findings)).toEqual({})
    slow.close()
  })
})

describe('whatever happens', () => {
  it('a check that throws is one failed check, and quotes nothing', async () => {
    const findings = await examine({ env, nodeVersion: undefined as never })
    expectOnly(findings, 'node', 'failed', /itself failed \(TypeError\)/)
  })

  it('[138] no text has a secret or a person, whatever is wrong', async () => {
    const secret = 'hunter2-hunter2-hunter2'
    for (const name of Object.keys(env)) {
      const findings = await examine({
        env: { ...env, [name]: `https://panthro:${secret}@okta.example/\u001b[2J` },
      })
      expectNoSecret(JSON.stringify(findings), { ...env, SECRET_KEY: secret })
    }
    const redis = await examine({ env: { ...env, REDIS_URL: `redis://:${secret}@localhost` } })
    expectNoSecret(JSON.stringify(redis), { SECRET_KEY: secret })
  })
})
