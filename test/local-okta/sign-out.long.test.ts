import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OWN_PAGES } from '../../local-okta/okta-words.js'
import { toHtml } from '../../local-okta/pages.js'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { APP, authorizeUrl, signInAt, tokensFor } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
  okta.register(APP)
})
afterAll(() => okta.close())

const visitor = () => new Visitor(okta.orgUrl)

describe('a sign-out', () => {
  const idToken = async () => (await tokensFor(okta)).id_token

  it('without post_logout_redirect_uri ends the session at Okta and shows a page', async () => {
    const person = visitor()
    await signInAt(authorizeUrl(okta), person)
    const known = await person.ask(authorizeUrl(okta, { prompt: 'none' }))
    expect(known.location).toContain('code=')
    const page = await person.ask(`${okta.issuer}/v1/logout?id_token_hint=${await idToken()}`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('You are signed out')
    const unknown = await person.ask(authorizeUrl(okta, { prompt: 'none' }))
    expect(unknown.location).toContain('error=login_required')
  })

  it('may be a form, and leads back to a registered address with the state', async () => {
    const form = { id_token_hint: await idToken(), post_logout_redirect_uri: `${APP}/`, state: 'bye' }
    const page = await visitor().ask(`${okta.issuer}/v1/logout`, { method: 'post', form })
    expect(page.location).toBe(`${APP}/?state=bye`)
    const elsewhere = { ...form, post_logout_redirect_uri: `${APP}/elsewhere` }
    const refusal = await visitor().ask(`${okta.issuer}/v1/logout`, { method: 'post', form: elsewhere })
    expect([refusal.status, refusal.text]).toEqual([
      400,
      expect.stringContaining(toHtml(OWN_PAGES.signOutUri)),
    ])
  })
})
