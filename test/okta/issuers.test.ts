import { describe, expect, it } from 'vitest'
import { startLair } from '../support/lair.js'

describe('OKTA_ISSUER', () => {
  it.each([
    ['the custom authorization server', 'default', /\/oauth2\/default\/v1\/authorize$/],
    ['the org’s own server, whose ID tokens are thin', 'org', /^\/oauth2\/v1\/authorize$/],
  ])('selects %s', async (_what, server, authorize) => {
    const lair = await startLair((okta) => ({ OKTA_ISSUER: server === 'org' ? okta.orgUrl : okta.issuer }))
    try {
      const visitor = lair.visitor()
      const { location } = await visitor.ask('/lair')
      expect(new URL(location ?? '').pathname).toMatch(authorize)

      const page = await visitor.signIn('cheetara@thundera.example')
      expect(page.status).toBe(200)
      expect(page.text).toContain('Cheetara of Thundera')

      expect((await visitor.go('/logout')).url).toBe(`${lair.url}/`)
      expect((await visitor.go('/lair')).text).toContain('name="person"')
    } finally {
      await lair.close()
    }
  })

  it('refuses a sign-out at Okta with an address that is not registered', async () => {
    const lair = await startLair()
    const visitor = await lair.signedIn()
    lair.okta.register('http://localhost:1')
    const page = await visitor.go('/logout')
    await lair.close()
    expect(page.status).toBe(400)
    expect(page.url).toMatch(/\/v1\/logout\?/)
  })
})
