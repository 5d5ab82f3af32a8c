import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('OKTA_ISSUER', () => {
  it.each([
    ['the custom authorization server', 'default', /\/oauth2\/default\/v1\/authorize$/],
    ['the org’s own server, whose ID tokens are thin', 'org', /^\/oauth2\/v1\/authorize$/],
  ])('selects %s', async (_what, server, authorize) => {
    await lair.restart({ OKTA_ISSUER: server === 'org' ? lair.okta.orgUrl : lair.okta.issuer })
    const visitor = lair.visitor()
    const { location } = await visitor.ask('/lair')
    expect(new URL(location ?? '').pathname).toMatch(authorize)

    const page = await visitor.signIn('cheetara@thundera.example')
    expect(page.status).toBe(200)
    expect(page.text).toContain('Cheetara of Thundera')

    expect((await visitor.go('/logout')).url).toBe(`${lair.url}/`)
    expect((await visitor.go('/lair')).text).toContain('name="person"')
  })

  it('refuses a sign-out at Okta with an address that is not registered', async () => {
    const visitor = await lair.signedIn()
    lair.okta.register('http://localhost:1')
    const page = await visitor.go('/logout')
    expect(page.status).toBe(400)
    expect(page.url).toMatch(/\/v1\/logout\?/)
  })
})
