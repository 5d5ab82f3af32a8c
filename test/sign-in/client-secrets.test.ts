import { describe, expect, it, onTestFinished } from 'vitest'
import { type LocalOktaOptions, startLocalOkta } from '../../local-okta/server.js'
import { type Lair, startLair } from '../support/lair.js'

/** A secret with every character that Okta's secrets have. */
const OKTAS_ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Every printable character of ASCII but the space, which the app does not take in OKTA_CLIENT_SECRET. */
const PRINTABLE = Array.from({ length: 94 }, (_, n) => String.fromCharCode(0x21 + n)).join('')

/** The app, and an Okta that reads HTTP Basic in one of two ways. */
async function lairAt(options: LocalOktaOptions): Promise<Lair> {
  const sharedOkta = await startLocalOkta(options)
  onTestFinished(() => sharedOkta.close())
  const lair = await startLair({}, { sharedOkta })
  onTestFinished(() => lair.close())
  return lair
}

describe('signing in', () => {
  it.each([
    ['a secret of Okta’s, at a provider that decodes it', OKTAS_ALPHABET, 'form-encoded'],
    ['a secret of Okta’s, at a provider that takes it literally', OKTAS_ALPHABET, 'literal'],
    ['every printable character, at a provider that decodes them', PRINTABLE, 'form-encoded'],
  ] as const)('works with %s', async (_what, clientSecret, clientAuthentication) => {
    const lair = await lairAt({ clientSecret, clientAuthentication })
    const page = await lair.visitor().signIn('lion-o@thundera.example')
    expect([page.status, page.url]).toEqual([200, `${lair.url}/lair`])
  })

  it('shows that a provider that takes a secret literally differs: other characters do not arrive there', async () => {
    const lair = await lairAt({ clientSecret: PRINTABLE, clientAuthentication: 'literal' })
    const page = await lair.visitor().signIn('lion-o@thundera.example')
    expect(page.status).toBe(503)
    expect(lair.log).toContainEqual(expect.objectContaining({ cause: 'client-credential' }))
  })
})
