import type { Request } from 'express'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SITE } from '../../src/site.js'
import { cookiesOf } from '../../src/web/cookies.js'
import { fuzzCookies } from '../support/fuzz.js'
import { type Lair, startLair } from '../support/lair.js'

const cookiesIn = (cookie: string) => cookiesOf({ headers: { cookie } } as Request)

describe('cookiesOf', () => {
  it.each([
    ['a=1; b=2', { a: '1', b: '2' }],
    ['a=1;b=2', { a: '1', b: '2' }],
    [' \t a=1 \t;\tb=2 ', { a: '1', b: '2' }],
    ['a=1=2', { a: '1=2' }],
    ['a; =b; ;;c=', { c: '' }],
    ['\u00a0a=1', { '\u00a0a': '1' }],
    ['a\u000b=1', { 'a\u000b': '1' }],
  ])('reads %j', (header, expected) => {
    expect(Object.fromEntries(cookiesIn(header))).toEqual(expected)
  })

  it('takes time in proportion to the header, whatever is in it', () => {
    const timeOf = (header: string) => {
      const begun = performance.now()
      for (let turn = 0; turn < 20; turn++) cookiesIn(header)
      return performance.now() - begun
    }
    timeOf('a=1')
    expect(timeOf(`a${' '.repeat(16_000)}b`)).toBeLessThan(200)
  })

  it('[119] takes nothing for ours that a browser would let another site set: 20,000 headers (npm run fuzz: a million)', () => {
    fuzzCookies(20_000, 7)
  })
})

describe('behind https', () => {
  let lair: Lair
  beforeAll(async () => {
    lair = await startLair({ BASE_URL: 'https://lair.example.com', TRUST_PROXY: '0' })
  })
  afterAll(() => lair.close())

  /** A script's request with this `Cookie` header, byte for byte: 401 without a session. */
  const statusWith = async (Cookie: string) =>
    (await fetch(`${lair.reach}/lair`, { headers: { Cookie, Accept: 'text/html' }, redirect: 'manual' }))
      .status

  it.each(['\u00a0', '\u0085', '\u000b', '\u000c', '\u00ff', '.', '-'])(
    '[119] a session whose name has the byte %j before it is not ours',
    async (byte) => {
      const session = (await lair.signedIn()).cookies.get(`__Host-${SITE.slug}`)
      expect(await statusWith(`__Host-${SITE.slug}=${session}`)).toBe(200)
      expect(await statusWith(`${byte}__Host-${SITE.slug}=${session}`).catch(() => 401)).toBe(401)
    },
  )

  it('[119] nor is a sign-in under way', async () => {
    const attacker = lair.visitor()
    const page = await attacker.go('/lair')
    const victim = lair.visitor()
    for (const [name, value] of attacker.cookies) victim.cookies.set(`\u00a0${name}`, value)
    attacker.cookies.clear()
    const answer = await attacker.ask(page.url, {
      method: 'post',
      form: { person: 'lion-o@thundera.example' },
    })
    let location = answer.location ?? ''
    while (!location.startsWith(lair.url)) location = (await attacker.ask(location)).location ?? ''
    const cookie = [...victim.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const { pathname, search } = new URL(location)
    const res = await fetch(lair.reach + pathname + search, {
      headers: { Cookie: cookie },
      redirect: 'manual',
    })
    expect(res.status).toBe(400)
    expect(res.headers.get('set-cookie')).toBeNull()
  })

  it.each(['first', 'last'])(
    '[120] two cookies of our name are none, with the real one %s',
    async (where) => {
      const session = `__Host-${SITE.slug}=${(await lair.signedIn()).cookies.get(`__Host-${SITE.slug}`)}`
      const planted = `__Host-${SITE.slug}=planted`
      const pair = where === 'first' ? [session, planted] : [planted, session]
      expect(await statusWith(pair.join('; '))).toBe(401)
    },
  )
})
