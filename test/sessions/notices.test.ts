import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { SITE } from '../../src/site.js'
import { noticeOf } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Visitor } from '../support/visitor.js'

const CHEETARA = 'cheetara@thundera.example'
const IDLE = 600
const MAX = 3600

let lair: Lair
beforeAll(async () => {
  lair = await startLair({ SESSION_IDLE_SECONDS: String(IDLE), SESSION_MAX_SECONDS: String(MAX) })
})
let passedMs = 0 // in all tests together: the app's clock never goes back
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + passedMs })
})
afterAll(() => lair.close())

const pass = (seconds: number) => {
  passedMs += seconds * 1000
  vi.setSystemTime(Date.now() + seconds * 1000)
}
const notices = async (visitor: Visitor, ...paths: string[]) => {
  const found: (string | undefined)[] = []
  for (const path of paths) found.push(noticeOf(await visitor.go(path)))
  return found
}
/** Uses the session until it has reached its greatest age. */
const useUntilOld = async (visitor: Visitor) => {
  for (let left = MAX; left > 0; left -= IDLE / 2) {
    await visitor.ask('/lair')
    pass(IDLE / 2)
  }
}

describe('the next page says once', () => {
  it('that a session was not used for too long', async () => {
    const visitor = await lair.signedIn()
    pass(IDLE)
    const landing = await visitor.ask('/')
    expect(noticeOf(landing)).toMatch(/ended by itself, because no page was opened for too long/)
    expect(landing.setCookies.filter((cookie) => cookie.includes('notice'))).toEqual([]) // said already
    expect(await notices(visitor, '/')).toEqual([undefined])
  })

  it('that a session had reached its greatest age, also after the way to Okta and back', async () => {
    const visitor = await lair.signedIn()
    await useUntilOld(visitor)
    expect(await notices(visitor, '/lair', '/lair', '/')).toEqual([
      expect.stringMatching(/because you had signed in too long ago/),
      undefined,
      undefined,
    ])
  })

  it('that a session was ended from another browser', async () => {
    const [visitor, other] = [await lair.signedIn(), await lair.signedIn()]
    pass(1)
    await other.ask('/logout/everywhere', { method: 'post' })
    expect(await notices(visitor, '/', '/')).toEqual([expect.stringMatching(/from elsewhere/), undefined])
  })

  it('that Okta does not let the account in any more', async () => {
    const [visitor, away] = [await lair.signedIn(CHEETARA), await lair.signedIn(CHEETARA)]
    const person = lair.okta.people.find(({ profile }) => profile.login === CHEETARA)
    Object.assign(person ?? {}, { status: 'SUSPENDED' })
    pass(61)
    expect(await notices(visitor, '/', '/')).toEqual([
      expect.stringMatching(/does not let your account in/),
      undefined,
    ])
    expect(await notices(away, '/')).toEqual([expect.stringMatching(/from elsewhere: .* or by Okta/)])
    Object.assign(person ?? {}, { status: 'ACTIVE' })
  })

  it('that the person is signed out', async () => {
    const visitor = await lair.signedIn()
    expect(await notices(visitor, '/logout', '/')).toEqual(['You are signed out.', undefined])
  })

  it('and not a page that nobody may see: the notice waits', async () => {
    const visitor = await lair.signedIn()
    pass(IDLE)
    for (const how of [{ headers: { 'Sec-Purpose': 'prefetch' } }, { method: 'head' }] as const)
      expect(noticeOf(await visitor.ask('/', how))).toBe(undefined)
    expect(await notices(visitor, '/', '/')).toEqual([expect.stringMatching(/ended by itself/), undefined])
  })

  it('and not to somebody who has signed in again since', async () => {
    const visitor = await lair.signedIn()
    await visitor.ask('/logout') // and away, before Okta sends the browser back
    const page = await visitor.go('/lair')
    expect([page.status, noticeOf(page), visitor.cookies.has(`${SITE.slug}.notice`)]).toEqual([
      200,
      undefined,
      false,
    ])
  })
})

it.each(['constructor', '<b>', 'signed%2Dout', 'x'.repeat(3000)])(
  'a notice that the app does not know (%.20s) is not shown, and its cookie goes',
  async (value) => {
    const visitor = lair.visitor()
    visitor.cookies.set(`${SITE.slug}.notice`, value)
    expect(await notices(visitor, '/')).toEqual([undefined])
    expect(visitor.cookies.has(`${SITE.slug}.notice`)).toBe(false)
  },
)
