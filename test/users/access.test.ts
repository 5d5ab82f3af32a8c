import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { appWith } from '../support/changed-app.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const SECRET = 'the treasure of Thundera'

/** An app to which somebody has added a page, with nothing but the guard and a handler. */
let app: Awaited<ReturnType<typeof appWith>>
let lair: Lair
beforeAll(async () => {
  app = await appWith(`page('/treasure', requireUser, (_req, res) => void res.send('${SECRET}'))`)
  lair = await startLair({}, app)
})
afterEach(() => lair.okta.faults.clear())
afterAll(async () => {
  await lair.close()
  app.remove()
})

/** Beyond USER_CACHE_SECONDS and USER_STALE_SECONDS: what was known of a person no longer serves. */
const PAST_STALE_SECONDS = 361

async function expectShutOut(visitor: Visitor, word: string): Promise<void> {
  const page = await visitor.ask('/treasure')
  expect(page.status).toBe(403)
  expect(page.text).toContain(word)
  expect(page.text).not.toContain(SECRET)
  expect(visitor.cookies.has(SITE.slug)).toBe(false)
}

describe('[131] a page behind requireUser and nothing else', () => {
  it('sends a stranger to Okta and back', async () => {
    const visitor = lair.visitor()
    const page = await visitor.ask('/treasure?box=1')
    expect([page.status, new URL(page.location ?? '').origin]).toEqual([302, lair.okta.orgUrl])
    const back = await visitor.signIn(LION_O, '/treasure?box=1')
    expect([back.status, back.url, back.text]).toEqual([200, `${lair.url}/treasure?box=1`, SECRET])
  })

  it('answers a script without a session with 401', async () => {
    const page = await lair.visitor().ask('/treasure', { headers: { Accept: 'application/json' } })
    expect([page.status, JSON.parse(page.text).error]).toEqual([401, 'sign_in_required'])
  })

  it('opens for Lion-O', async () => {
    const visitor = await lair.signedIn()
    expect((await visitor.ask('/treasure')).text).toBe(SECRET)
  })

  it.each([
    ['account-suspended', 'suspended'],
    ['account-deprovisioned', 'deprovisioned'],
    ['account-deleted', 'deleted'],
  ])('stays shut for somebody who is signed in: %s, and all their sessions end', async (fault, word) => {
    const [visitor, otherBrowser] = [await lair.signedIn(), await lair.signedIn()]
    await lair.okta.faults.on(fault, LION_O)
    lair.pass(60)
    await expectShutOut(visitor, word)
    await lair.okta.faults.clear()
    for (const browser of [visitor, otherBrowser]) expect((await browser.ask('/treasure')).status).toBe(302)
  })

  it('stays open for somebody unassigned since, until the next sign-in: the Users API does not know of it', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.faults.on('account-not-assigned', LION_O)
    lair.pass(60)
    expect((await visitor.ask('/treasure')).text).toBe(SECRET)
    await visitor.ask('/logout')
    expect((await visitor.go('/treasure')).status).toBe(403) // Okta still knows the person, and refuses
  })

  it.each(['users-500', 'users-drops', 'users-token-revoked', 'users-no-profile'])(
    'answers 503 while Okta cannot say, past the stale time: %s; nobody is signed out',
    async (fault) => {
      const visitor = await lair.signedIn()
      await lair.okta.faults.on(fault)
      lair.pass(PAST_STALE_SECONDS)
      const page = await visitor.ask('/treasure')
      expect(page.status).toBe(503)
      expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
      expect(page.text).not.toContain(SECRET)
      expect(visitor.cookies.has(SITE.slug)).toBe(true)
    },
  )

  it('is shown in no frame', async () => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/treasure', { headers: { 'Sec-Fetch-Dest': 'iframe' } })
    expect(page.status).toBe(403)
    expect(page.text).not.toContain(SECRET)
  })
})

describe('requireUser before preloadUser', () => {
  it('is an error that names the order, and shows nothing', async () => {
    const page = `page('/cave', requireUser, (_req, res) => void res.send('${SECRET}'))`
    const wrong = await appWith(page, 'app.use(sessions.identify)')
    const broken = await startLair({}, wrong)
    const visitor = await broken.signedIn()
    const answer = await visitor.ask('/cave')
    await broken.close()
    wrong.remove()
    expect(answer.status).toBe(500)
    expect(answer.text).not.toContain(SECRET)
    expect(JSON.stringify(broken.log)).toContain('requireUser must come after preloadUser')
  })
})
