import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { type Lair, startLair } from '../support/lair.js'
import { LION_O } from '../support/okta-client.js'
import type { Visitor } from '../support/visitor.js'

const CHEETARA = 'cheetara@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterEach(() => lair.okta.faults.clear())
afterAll(() => lair.close())

const isIn = async (visitor: Visitor) => (await visitor.ask('/lair')).status === 200

function lionO() {
  const person = lair.okta.people.find(({ profile }) => profile.login === LION_O)
  if (!person) throw new Error('no Lion-O')
  return person
}

/** What ends all sessions of Lion-O. */
const ENDINGS: [what: string, end: () => Promise<unknown>][] = [
  ['Universal Logout', () => lair.okta.sendUniversalLogout(lionO())],
  [
    'signing out everywhere in another browser',
    async () => {
      await lair.okta.faults.on('management-token-not-admin') // else the local Okta ends the code, too
      await (await lair.signedIn()).ask('/logout/everywhere', { method: 'post' })
    },
  ],
  [
    'a suspension, which was lifted again',
    async () => {
      const other = await lair.signedIn()
      lionO().status = 'SUSPENDED'
      lair.pass(60)
      expect((await other.ask('/lair')).status).toBe(403)
      lionO().status = 'ACTIVE'
      lair.pass(60)
    },
  ],
]

describe('[143] a sign-in that began before all sessions of the person were ended', () => {
  it.each(ENDINGS)('%s: its code begins no session; the next sign-in does', async (_what, end) => {
    const visitor = lair.visitor()
    const callback = await visitor.untilCallback(LION_O, '/lair?gate=1')
    await end()
    const from = lair.log.length
    const page = await visitor.ask(callback.href)
    expect(page.status).toBe(400)
    expect(page.text).toContain('href="/lair?gate=1">Sign in again')
    expect(visitor.cookies.has(SITE.slug)).toBe(false)
    expect(lair.log.slice(from)).toMatchObject([
      { msg: 'sign-in failed', reason: 'signed_out_meanwhile' },
      { msg: 'answered 400', code: 'signed_out_meanwhile' },
    ])
    expect((await visitor.ask(callback.href)).status).toBe(400) // the code is used up
    expect(await isIn(visitor)).toBe(false)
    // Where Okta's session of this browser lives on, Okta asks nobody who they are.
    const next = await visitor.go('/lair?gate=1')
    const there = next.text.includes('name="person"') ? await visitor.pick(next, LION_O) : next
    expect([there.status, there.url]).toEqual([200, `${lair.url}/lair?gate=1`])
  })

  it('and that begins a session in the very millisecond: that session is ended, too', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    const visitor = lair.visitor()
    const { href } = await visitor.untilCallback(LION_O)
    expect((await visitor.ask(href)).status).toBe(302)
    expect((await lair.okta.sendUniversalLogout(lionO())).status).toBe(204)
    expect(await isIn(visitor)).toBe(false)
    vi.useRealTimers()
  })

  it('is refused also if the code is redeemed twice at once', async () => {
    const [one, other] = [lair.visitor(), lair.visitor()]
    const { href } = await one.untilCallback(LION_O)
    for (const [name, value] of one.cookies) other.cookies.set(name, value)
    await lair.okta.sendUniversalLogout(lionO())
    const pages = await Promise.all([one.ask(href), other.ask(href)])
    expect(pages.map(({ status }) => status)).toEqual([400, 400])
    expect(await Promise.all([one, other].map(isIn))).toEqual([false, false])
  })

  it('goes on, if the sessions of somebody else were ended', async () => {
    const visitor = lair.visitor()
    const { href } = await visitor.untilCallback(CHEETARA)
    await lair.okta.sendUniversalLogout(lionO())
    expect((await visitor.go(href)).status).toBe(200)
  })

  it('goes on, if only one session of the person was ended', async () => {
    const visitor = lair.visitor()
    const { href } = await visitor.untilCallback(LION_O)
    await (await lair.signedIn()).go('/logout')
    expect((await visitor.go(href)).status).toBe(200)
  })
})
