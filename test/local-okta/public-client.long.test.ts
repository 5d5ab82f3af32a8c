import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { APP, authorizeUrl, json, post, signInAt } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

describe('an app without a secret', () => {
  const VERIFIER = 'v'.repeat(43)
  const PKCE = {
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  }
  let open: LocalOkta
  beforeAll(async () => {
    open = await startLocalOkta({ publicClient: true })
    open.register(APP)
  })
  afterAll(() => open.close())

  const redeem = async (form: Record<string, string>, headers = {}) => {
    const url = authorizeUrl(open, { ...PKCE, scope: 'openid offline_access' })
    const { location = '' } = await signInAt(url, new Visitor(open.orgUrl))
    const code = new URL(location).searchParams.get('code') ?? ''
    const grant = { grant_type: 'authorization_code', code, redirect_uri: `${APP}/callback` }
    return post(`${open.issuer}/v1/token`, { ...grant, client_id: open.clientId, ...form }, headers)
  }

  it('needs a challenge', async () => {
    const { location = '' } = await new Visitor(open.orgUrl).ask(authorizeUrl(open))
    expect(new URL(location).searchParams.get('error_description')).toMatch(
      /^PKCE code challenge is required/,
    )
  })

  it('gets tokens for the verifier, and for nothing else', async () => {
    expect((await redeem({})).status).toBe(400)
    expect((await redeem({ code_verifier: 'w'.repeat(43) })).status).toBe(400)
    expect((await redeem({ code_verifier: VERIFIER })).status).toBe(200)
  })

  it('gets a new refresh token each time, and the old one is worthless', async () => {
    const first = await json(await redeem({ code_verifier: VERIFIER }))
    const refresh = (refresh_token: string) =>
      post(`${open.issuer}/v1/token`, {
        grant_type: 'refresh_token',
        refresh_token,
        client_id: open.clientId,
      })
    const second = await json(await refresh(String(first.refresh_token)))
    expect(second.refresh_token).toBeTruthy()
    expect(second.refresh_token).not.toBe(first.refresh_token)
    expect((await refresh(String(first.refresh_token))).status).toBe(400)
  })

  it('may call from its own pages, and from no other', async () => {
    const own = await redeem({ code_verifier: VERIFIER }, { Origin: APP })
    expect(own.headers.get('access-control-allow-origin')).toBe(APP)
    const other = await redeem({ code_verifier: VERIFIER }, { Origin: 'http://localhost:4000' })
    expect(other.headers.get('access-control-allow-origin')).toBeNull()
  })
})
