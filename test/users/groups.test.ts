import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { appWith } from '../support/changed-app.js'
import { asServiceApp, type Lair, startLair } from '../support/lair.js'
import { ROOT } from '../support/process.js'
import type { Page, Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const CHEETARA = 'cheetara@thundera.example'
const SECRET = 'the sword of omens'
const STRANGE = 'Wächter <b>& "Katzen"</b> ^^'

/** An app to which somebody has added pages, each with nothing but a guard and a handler. */
let app: Awaited<ReturnType<typeof appWith>>
let lair: Lair
beforeAll(async () => {
  const pages = {
    '/keepers': `requireGroup('Lair keepers')`,
    '/either': `requireGroup('Nobody at all', 'Thundercats')`,
    '/strange': `requireGroup(${JSON.stringify(STRANGE)})`,
    '/anybody': 'requireUser',
  }
  const lines = Object.entries(pages).map(
    ([path, guard]) => `page('${path}', ${guard}, (_req, res) => void res.send('${SECRET}'))`,
  )
  app = await appWith(lines.join('\n'))
  lair = await startLair({}, app)
  lair.okta.addGroup(STRANGE, [LION_O])
})
afterEach(() => lair.okta.faults.clear())
afterAll(async () => {
  await lair.close()
  app.remove()
})

/** Beyond USER_CACHE_SECONDS and USER_STALE_SECONDS: what was known of a person no longer serves. */
const PAST_STALE_SECONDS = 361

const statuses = (visitor: Visitor, paths: string[]) =>
  Promise.all(paths.map(async (path) => (await visitor.ask(path)).status))

function expectRefused(page: Page): void {
  expect(page.status).toBe(403)
  expect(page.text).not.toContain(SECRET)
  expect(page.text).toContain('Ask your administrator')
  expect(page.text).toContain('href="/login?prompt=login">Use another account')
}

describe('[132] a page behind requireGroup and nothing else', () => {
  it('sends a stranger to Okta and back', async () => {
    const visitor = lair.visitor()
    const page = await visitor.ask('/keepers?box=1')
    expect([page.status, new URL(page.location ?? '').origin]).toEqual([302, lair.okta.orgUrl])
    const back = await visitor.signIn(LION_O, '/keepers?box=1')
    expect([back.status, back.url, back.text]).toEqual([200, `${lair.url}/keepers?box=1`, SECRET])
  })

  it('answers a script without a session with 401', async () => {
    const page = await lair.visitor().ask('/keepers', { headers: { Accept: 'application/json' } })
    expect([page.status, JSON.parse(page.text).error]).toEqual([401, 'sign_in_required'])
  })

  it('opens for members of one of its groups, whatever is in the name, and only for them', async () => {
    const [lionO, cheetara] = [await lair.signedIn(), await lair.signedIn(CHEETARA)]
    const paths = ['/keepers', '/either', '/strange', '/anybody']
    expect(await statuses(lionO, paths)).toEqual([200, 200, 200, 200])
    expect(await statuses(cheetara, paths)).toEqual([403, 200, 403, 200])
  })

  it('tells others whom to ask and names no group; the session goes on; the log has the group and the place', async () => {
    const cheetara = await lair.signedIn(CHEETARA)
    const from = lair.log.length
    const page = await cheetara.ask('/keepers')
    expectRefused(page)
    expect(page.text).not.toMatch(/Lair keepers|Thundercats/)
    expect(lair.log.slice(from)).toEqual([
      expect.objectContaining({
        msg: 'answered 403',
        code: 'not_a_member',
        subject: lair.okta.people[1]?.id,
        reason: 'Not in the group “Lair keepers”',
        remedy: 'Okta’s Admin Console: Directory > Groups > “Lair keepers” > Assign people',
      }),
    ])
    expect((await cheetara.ask('/lair')).status).toBe(200)
  })

  it('answers scripts of others in JSON, without the name of a group', async () => {
    const cheetara = await lair.signedIn(CHEETARA)
    const page = await cheetara.ask('/keepers', { headers: { Accept: 'application/json' } })
    const { error, message, reference } = JSON.parse(page.text)
    expect([page.status, error]).toEqual([403, 'not_a_member'])
    expect(message + reference).not.toContain('keepers')
  })

  it('is shown in no frame', async () => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/keepers', { headers: { 'Sec-Fetch-Dest': 'iframe' } })
    expect([page.status, page.text.includes(SECRET)]).toEqual([403, false])
  })

  it('shuts within USER_CACHE_SECONDS of a person leaving the group, and opens again; the cookie stays', async () => {
    const lionO = await lair.signedIn()
    expect((await lionO.ask('/keepers')).text).toBe(SECRET)
    const cookie = lionO.cookies.get(SITE.slug)
    await lair.okta.faults.on('account-in-no-group', LION_O)
    lair.pass(60)
    expectRefused(await lionO.ask('/keepers'))
    expect((await lionO.ask('/anybody')).status).toBe(200)
    await lair.okta.faults.clear()
    lair.pass(60)
    expect((await lionO.ask('/keepers')).text).toBe(SECRET)
    expect(lionO.cookies.get(SITE.slug)).toBe(cookie)
  })

  it('shuts out a suspended member, and ends the session', async () => {
    const lionO = await lair.signedIn()
    await lair.okta.faults.on('account-suspended', LION_O)
    await lair.okta.faults.on('groups-500')
    lair.pass(60)
    const page = await lionO.ask('/keepers')
    expect([page.status, page.text.includes('suspended')]).toEqual([403, true])
    expect(lionO.cookies.has(SITE.slug)).toBe(false)
  })

  it.each(['groups-500', 'groups-drops', 'groups-right-missing', 'groups-elsewhere', 'groups-wrong-shape'])(
    'answers 503 when Okta has not told the groups for too long: %s; other pages go on',
    async (fault) => {
      const lionO = await lair.signedIn()
      await lair.okta.faults.on(fault)
      lair.pass(PAST_STALE_SECONDS)
      const page = await lionO.ask('/keepers?box=1')
      expect([page.status, page.text.includes(SECRET)]).toEqual([503, false])
      expect(Number(page.headers['retry-after'])).toBeGreaterThan(0)
      expect(page.text).toContain('href="/keepers?box=1">Try again')
      expect(await statuses(lionO, ['/', '/anybody', '/keepers'])).toEqual([200, 200, 503])
      expect(lionO.cookies.has(SITE.slug)).toBe(true)
    },
  )

  it('goes on with the last-known groups for a while', async () => {
    const lionO = await lair.signedIn()
    lair.pass(PAST_STALE_SECONDS)
    expect((await lionO.ask('/keepers')).text).toBe(SECRET)
    await lair.okta.faults.on('groups-500')
    lair.pass(200)
    expect((await lionO.ask('/keepers')).text).toBe(SECRET)
  })
})

describe('requireGroup without a name', () => {
  it('stops the start, and says what to write', async () => {
    const wrong = await appWith(`page('/cave', requireGroup(), (_req, res) => void res.send('${SECRET}'))`)
    await expect(startLair({}, wrong)).rejects.toThrow("requireGroup('Lair keepers')")
    wrong.remove()
  })
})

describe('the groups of a person', () => {
  it('are found among a thousand, page by page, in the time of one call', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => `Group ${index}`)
    for (const name of many) lair.okta.addGroup(name, [CHEETARA])
    lair.okta.addGroup('Lair keepers', [CHEETARA]) // Okta has it last, and another group of that name before
    const cheetara = await lair.signedIn(CHEETARA)
    lair.pass(PAST_STALE_SECONDS)
    const before = lair.okta.faults.asked.groups
    expect((await cheetara.ask('/keepers')).text).toBe(SECRET)
    // The page after that is read only if the app asks for a group that is not there.
    expect([11, 12]).toContain(lair.okta.faults.asked.groups - before)
  })
})

describe('LAIR_GROUPS', () => {
  it('is for the lair; while it is off, nobody’s groups are read', async () => {
    const plain = await startLair()
    expect((await plain.signedIn(CHEETARA)).cookies.has(SITE.slug)).toBe(true)
    const isAskedElsewhere = readFileSync(join(ROOT, 'src/app.ts'), 'utf8').includes("requireGroup('")
    const { users, groups } = plain.okta.faults.asked
    expect([users, groups]).toEqual([1, isAskedElsewhere ? 1 : 0])
    await plain.restart({ LAIR_GROUPS: 'Nobody, Lair keepers' })
    expect((await plain.visitor().signIn(LION_O)).status).toBe(200)
    expectRefused(await plain.visitor().signIn(CHEETARA))
    await plain.close()
  })

  it('works with a service app; without its right for groups the lair answers 503, and the log names the scope', async () => {
    const served = await startLair((okta) => ({ ...asServiceApp(okta), LAIR_GROUPS: 'Lair keepers' }))
    const lionO = await served.signedIn()
    expect((await served.visitor().signIn(CHEETARA)).status).toBe(403)
    served.okta.serviceApp.scopes = ['okta.users.read']
    await served.restart()
    const from = served.log.length
    expect(await statuses(lionO, ['/lair', '/'])).toEqual([503, 200])
    expect((await lionO.ask('/')).text).toContain('Lion-O')
    const [line] = served.log.slice(from).filter(({ dependency }) => dependency === 'Users API')
    expect(line).toMatchObject({ cause: 'api-scope', remedy: expect.stringContaining('okta.groups.read') })
    served.okta.serviceApp.scopes = ['okta.users.read', 'okta.groups.read']
    served.pass(60)
    await expect.poll(async () => (await lionO.ask('/lair')).status, { timeout: 8000 }).toBe(200)
    await served.close()
  })
})
