import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { addClaims } from '../support/forge.js'
import { type Element, elements, textOf } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Page } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const API = 'Users API'
const TOKEN = 'ID token'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2027-03-01T12:00:00Z') })
})
afterEach(() => {
  lair.okta.rewrite = undefined
})
afterAll(() => lair.close())

const pass = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000)

/** The rows of the table: what, value, from where. */
function rows({ text }: Page): string[][] {
  const isCell = (node: unknown): node is Element => /^t[hd]$/.test(Object(node).tagName)
  const found = elements(text).filter(({ tagName }) => tagName === 'tr')
  return found
    .map(({ childNodes }) => childNodes.filter(isCell).map(textOf))
    .filter((cells) => cells.length === 3)
}
/** Names that hardly become shorter when they are packed. */
const groups = (count: number) => Array.from({ length: count }, () => randomBytes(24).toString('base64url'))
const words = ({ text }: Page) => text.replace(/<[^>]+>/g, '')

describe('GET /session', () => {
  it('is for a person: a stranger goes to Okta and comes back to it', async () => {
    const page = await lair.visitor().signIn(LION_O, '/session')
    expect([page.status, new URL(page.url).pathname]).toEqual([200, '/session'])
  })

  it('says who the person is, how they signed in, when the session ends, and who said so', async () => {
    addClaims(lair.okta, { amr: ['pwd', 'hwk', 'mfa', 'constructor', '<b>new</b>'] })
    const visitor = await lair.signedIn()
    expect(rows(await visitor.ask('/session'))).toEqual([
      ['What', 'Value', 'From where'],
      ['Name', 'Lion-O of Thundera', API],
      ['Login', LION_O, API],
      ['E-mail', LION_O, API],
      ['Short name', 'Lion-O', TOKEN],
      ['Id at Okta', lair.okta.people[0]?.id, TOKEN],
      ['Signed in here', '1 Mar 2027, 12:00 UTC', 'this site'],
      ['Proved to Okta who you are', '1 Mar 2027, 12:00 UTC', TOKEN],
      ['With', 'password, key in hardware, several factors, constructor, <b>new</b>', TOKEN],
      ['At', lair.okta.issuer, TOKEN],
      ['If you open no page for 1 hour', '1 Mar 2027, 13:00 UTC', 'this site'],
      ['At the latest, 12 hours after signing in', '2 Mar 2027, 00:00 UTC', 'this site'],
    ])
  })

  it('says when the session ends as renewed by this very page, never later than at the latest', async () => {
    const visitor = await lair.signedIn()
    const ends = async () =>
      rows(await visitor.ask('/session'))
        .slice(-2)
        .map(([, when]) => when)
    pass(300)
    expect(await ends()).toEqual(['1 Mar 2027, 13:00 UTC', '2 Mar 2027, 00:00 UTC']) // not yet renewed
    pass(300)
    expect(await ends()).toEqual(['1 Mar 2027, 13:10 UTC', '2 Mar 2027, 00:00 UTC'])
    for (let minutes = 10; minutes < 11.5 * 60; minutes += 40) {
      pass(40 * 60)
      await visitor.ask('/')
    }
    expect(await ends()).toEqual(['2 Mar 2027, 00:00 UTC', '2 Mar 2027, 00:00 UTC'])
  })

  it('respects the end that Okta sets', async () => {
    addClaims(lair.okta, { session_expiry: Date.parse('2027-03-01T12:30:30Z') / 1000 })
    const ends = rows(await (await lair.signedIn()).ask('/session')).slice(-2)
    expect(ends.map(([, when]) => when)).toEqual(['1 Mar 2027, 12:30 UTC', '1 Mar 2027, 12:30 UTC'])
  })

  it('says in which cookies the session is, how long they are, and that they hold the ID token', async () => {
    const visitor = await lair.signedIn()
    const length = visitor.cookies.get(SITE.slug)?.length
    expect(words(await visitor.ask('/session'))).toMatch(
      new RegExp(
        `one cookie: ${SITE.slug}, ${length} bytes\\..* ID token .*, \\d+ bytes before they are packed`,
      ),
    )
    addClaims(lair.okta, { groups: groups(70) })
    const large = await lair.signedIn()
    const lengths = [0, 1].map((part) => large.cookies.get(`${SITE.slug}.${part}`)?.length ?? 0)
    expect(words(await large.ask('/session'))).toContain(
      `two cookies: ${SITE.slug}.0, ${SITE.slug}.1, ${(lengths[0] ?? 0) + (lengths[1] ?? 0)} bytes`,
    )
    addClaims(lair.okta, { groups: groups(1500) })
    expect(words(await (await lair.signedIn()).ask('/session'))).toContain('too large to keep')
  })

  const HOSTILE = { toString: 1, valueOf: 1 } // cannot be made a text

  it.each([7, [], undefined, HOSTILE, [7, null, HOSTILE, ['pwd']]])(
    'copes with an ID token with the methods %j',
    async (amr) => {
      addClaims(lair.okta, { amr })
      const page = await (await lair.signedIn()).ask('/session')
      expect(rows(page)).toContainEqual(['With', 'not given', TOKEN])
    },
  )

  it('copes with an ID token with a time that no calendar has', async () => {
    addClaims(lair.okta, { auth_time: 1e300 })
    const page = await (await lair.signedIn()).ask('/session')
    expect(rows(page)).toContainEqual(['Proved to Okta who you are', 'not given', TOKEN])
  })

  it('has the ways out, and shows no token', async () => {
    const visitor = await lair.signedIn()
    const { text } = await visitor.ask('/session')
    expect(text).toMatch(/<form method="post" action="\/logout"><button[^>]*>Sign out</)
    expect(text).toMatch(
      /<form[^>]* method="post" action="\/logout\/everywhere"><button[^>]*>Sign out everywhere</,
    )
    expect(text).not.toMatch(/eyJ[\w-]+\./)
  })
})
