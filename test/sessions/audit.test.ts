import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import type { Page } from '../support/visitor.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair({ TRUST_PROXY: 'loopback', SIGN_IN_LIMIT_PER_MINUTE: '10' })
})
afterAll(() => lair.close())

const LION_O = '00u00000000000000001'
const from = (address: string, more = {}) => ({ headers: { 'X-Forwarded-For': address, ...more } })

/** The lines about this answer, by the reference that it carries. */
function linesAbout({ text }: Page) {
  const reference = /Reference <code>([\w-]+)/.exec(text)?.[1] ?? JSON.parse(text).reference
  return lair.log.filter(({ requestId }) => requestId === reference)
}

describe('every refusal is one line with address, subject if known, and code', () => {
  it('of somebody who signs in too often', async () => {
    for (let time = 0; time < 10; time++) await lair.visitor().ask('/lair', from('203.0.113.1'))
    const page = await lair.visitor().ask('/lair', from('203.0.113.1'))
    expect(page.status).toBe(429)
    expect(linesAbout(page)).toEqual([
      expect.objectContaining({ ip: '203.0.113.1', code: 'too_many_sign_ins', msg: 'answered 429' }),
    ])
  })

  it('of a page that another one embeds', async () => {
    const visitor = await lair.signedIn()
    const page = await visitor.ask('/lair', from('203.0.113.2', { 'Sec-Fetch-Dest': 'iframe' }))
    expect(linesAbout(page)).toEqual([
      expect.objectContaining({ ip: '203.0.113.2', subject: LION_O, code: 'embedding_refused' }),
    ])
  })

  it('of another site’s sign-out', async () => {
    const visitor = await lair.signedIn()
    const options = from('203.0.113.3', { 'Sec-Fetch-Site': 'cross-site' })
    const page = await visitor.ask('/logout', { method: 'post', ...options })
    expect(linesAbout(page)).toEqual([
      expect.objectContaining({ ip: '203.0.113.3', subject: LION_O, code: 'foreign_sign_out' }),
    ])
  })

  it('of a script without a session, and of a person whom Okta shuts out', async () => {
    const script = await lair.visitor().ask('/lair', from('203.0.113.4', { Accept: 'application/json' }))
    expect(linesAbout(script)).toEqual([
      expect.objectContaining({ ip: '203.0.113.4', code: 'sign_in_required' }),
    ])
    const visitor = await lair.signedIn()
    await lair.okta.faults.on('account-suspended', 'lion-o@thundera.example')
    lair.pass(60)
    const page = await visitor.ask('/lair', from('203.0.113.5'))
    await lair.okta.faults.clear()
    expect(linesAbout(page)).toEqual([
      expect.objectContaining({ msg: 'session ended', subject: LION_O, reason: 'The account is SUSPENDED' }),
      expect.objectContaining({ ip: '203.0.113.5', code: 'account_not_allowed' }),
    ])
  })
})
