import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLocalOkta } from '../../local-okta/server.js'
import { type Lair, startLair } from '../support/lair.js'
import { LION_O } from '../support/okta-client.js'
import { Visitor } from '../support/visitor.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('the page /universal-logout', () => {
  const press = (person: string, headers = {}) =>
    new Visitor(lair.okta.orgUrl).ask('/universal-logout', { method: 'post', form: { person }, headers })

  it('is linked from the home page and from the faults page, and has a button for each person', async () => {
    const browser = new Visitor(lair.okta.orgUrl)
    for (const path of ['/', '/faults'])
      expect((await browser.ask(path)).text).toContain('href="/universal-logout"')
    const { text } = await browser.ask('/universal-logout')
    expect(text).toContain(`${lair.url}/global-token-revocation`)
    for (const { profile } of lair.okta.people) expect(text).toContain(`value="${profile.login}"`)
  })

  it('ends the person’s sessions at Okta and in the app', async () => {
    const visitor = await lair.signedIn()
    const answer = await press(LION_O)
    expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('The app answered 204')])
    const page = await visitor.go('/lair')
    expect(page.text).toContain('name="person"') // Okta asks who it is
  })

  it('does nothing for another site, or for nobody', async () => {
    const visitor = await lair.signedIn()
    expect((await press(LION_O, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    expect((await press('snarf@thundera.example')).status).toBe(400)
    expect((await visitor.ask('/lair')).status).toBe(200)
  })

  it('says so if the app does not answer', async () => {
    const okta = await startLocalOkta()
    okta.register('http://localhost:1')
    const [person] = okta.people
    const form = { person: String(person?.profile.login) }
    const page = await new Visitor(okta.orgUrl).ask('/universal-logout', { method: 'post', form })
    expect(page.text).toContain('The app did not answer')
    await okta.close()
  })
})
