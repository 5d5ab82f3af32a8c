import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWN_PAGES } from '../../local-okta/okta-words.js'
import { toHtml } from '../../local-okta/pages.js'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { APP, authorizeUrl, endpointsOf, json, signInAt } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterAll(() => okta.close())

const visitor = () => new Visitor(okta.orgUrl)

describe('an authorize request', () => {
  const NOT_CONFIGURED = 'One or more scopes are not configured for the authorization server resource.'
  const STATE = "The authentication request has an invalid 'state' parameter."

  it.each([
    ['custom', 'without state', { state: undefined }, 'invalid_request', STATE],
    ['org', 'without state', { state: undefined }, 'invalid_request', STATE],
    ['custom', 'for a scope of no kind', { scope: 'openid lair.read' }, 'invalid_scope', NOT_CONFIGURED],
    [
      'org',
      'for a scope of no kind',
      { scope: 'openid lair.read' },
      'invalid_scope',
      /^Custom scopes are not/,
    ],
    ['custom', 'without a scope', { scope: undefined }, 'invalid_scope', /'scope' must be provided/],
  ] as const)(
    'at the %s server %s comes back to the app as an error',
    async (server, _what, changes, error, words) => {
      const { location = '' } = await visitor().ask(authorizeUrl(okta, changes, endpointsOf(okta)[server]))
      const { origin, searchParams } = new URL(location)
      expect(origin).toBe(APP)
      expect(searchParams.get('error')).toBe(error)
      expect(searchParams.get('error_description')).toMatch(words)
    },
  )

  it.each([
    ['another redirect URI', { redirect_uri: `${APP}/elsewhere` }, OWN_PAGES.redirectUri],
    ['an unknown client ID', { client_id: '0oaunknown' }, OWN_PAGES.client],
  ])('with %s ends on a page of its own, with the words of Okta', async (_what, changes, words) => {
    for (const server of Object.values(endpointsOf(okta))) {
      const { status, text } = await visitor().ask(authorizeUrl(okta, changes, server))
      expect([status, text]).toEqual([400, expect.stringContaining(toHtml(words))])
    }
  })

  it('with login_hint puts this person first on the sign-in page, and no other', async () => {
    const first = ({ text }: { text: string }) =>
      /name="person" value="([^"]+)"( autofocus)?/.exec(text)?.slice(1)
    const ask = (login_hint?: string) => visitor().go(authorizeUrl(okta, { login_hint }))
    expect(first(await ask('cheetara@thundera.example'))).toEqual(['cheetara@thundera.example', ' autofocus'])
    expect(first(await ask('nobody@thundera.example'))).toEqual(['lion-o@thundera.example', undefined])
    expect(first(await ask())).toEqual(['lion-o@thundera.example', undefined])
  })

  it('with prompt=consent asks for none: an administrator has consented', async () => {
    const { location } = await signInAt(authorizeUrl(okta, { prompt: 'consent' }), visitor())
    expect(location).toContain('code=')
  })

  it('is answered without iss, which Okta does not send', async () => {
    const right = await signInAt(authorizeUrl(okta), visitor())
    const wrong = await visitor().ask(authorizeUrl(okta, { scope: 'lair' }))
    for (const { location = '' } of [right, wrong]) {
      expect(new URL(location).searchParams.get('state')).toBe('the-state')
      expect(new URL(location).searchParams.has('iss')).toBe(false)
    }
  })
})

describe('response_mode=form_post', () => {
  const field = (text: string, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1]

  it('is a page whose one script the policy allows by its hash, and which posts the code to the app', async () => {
    const page = await signInAt(authorizeUrl(okta, { response_mode: 'form_post' }), visitor())
    expect(page.text).toContain(`<form method="post" action="${APP}/callback">`)
    expect(field(page.text, 'state')).toBe('the-state')
    expect(field(page.text, 'code')).toMatch(/^[\w-]{20,}$/)
    expect(field(page.text, 'iss')).toBeUndefined()
    const scripts = [...page.text.matchAll(/<script>(.*?)<\/script>/gs)].map(([, script]) => String(script))
    expect(scripts).toHaveLength(1)
    const hash = createHash('sha256').update(String(scripts[0])).digest('base64')
    expect(page.headers['content-security-policy']?.split(';')).toContain(`script-src 'sha256-${hash}'`)
    expect(page.headers['content-security-policy']).not.toMatch(/unsafe|form-action/)
  })

  it('carries a refusal, too', async () => {
    const page = await visitor().ask(authorizeUrl(okta, { response_mode: 'form_post', scope: 'lair' }))
    expect(field(page.text, 'error')).toBe('invalid_scope')
    expect(field(page.text, 'iss')).toBeUndefined()
  })

  it('is the only page with a script', async () => {
    const page = await visitor().go(authorizeUrl(okta))
    expect(page.headers['content-security-policy']?.split('; ')).toContain('script-src')
  })
})

describe('metadata', () => {
  it.each([
    ['custom', '/oauth2/default/.well-known/openid-configuration', false],
    ['custom', '/oauth2/default/.well-known/oauth-authorization-server', false],
    ['org', '/.well-known/openid-configuration', true],
  ] as const)(
    'of the %s server at %s has what Okta announces and nothing else',
    async (server, path, groups) => {
      const body = await json(await fetch(okta.orgUrl + path))
      const endpoints = endpointsOf(okta)[server]
      expect(Object.keys(body).sort()).toEqual([
        'authorization_endpoint',
        'claims_supported',
        'code_challenge_methods_supported',
        'end_session_endpoint',
        'grant_types_supported',
        'id_token_signing_alg_values_supported',
        'introspection_endpoint',
        'introspection_endpoint_auth_methods_supported',
        'issuer',
        'jwks_uri',
        'request_parameter_supported',
        'response_modes_supported',
        'response_types_supported',
        'revocation_endpoint',
        'revocation_endpoint_auth_methods_supported',
        'scopes_supported',
        'subject_types_supported',
        'token_endpoint',
        'token_endpoint_auth_methods_supported',
        'userinfo_endpoint',
      ])
      expect(body).toMatchObject({
        introspection_endpoint: `${endpoints}/introspect`,
        revocation_endpoint: `${endpoints}/revoke`,
        introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
      })
      expect(body.grant_types_supported).toEqual(
        expect.arrayContaining(['authorization_code', 'refresh_token']),
      )
      expect(body.scopes_supported).toEqual(expect.arrayContaining(['openid', 'offline_access']))
      expect((body.scopes_supported as string[]).includes('groups')).toBe(groups)
    },
  )
})
