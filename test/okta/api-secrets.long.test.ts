import { inspect } from 'node:util'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { loadConfig } from '../../src/config.js'
import { createLog } from '../../src/log.js'
import { createApiCredentials } from '../../src/okta/api-credentials.js'
import { asServiceApp, environmentFor, type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair((okta) => ({ ...asServiceApp(okta), NODE_ENV: 'development', LOG_LEVEL: 'trace' }))
})
afterAll(() => lair.close())

/** Answers that the app cannot use. Their token is short: the log would blank out a long one. */
const USELESS = [
  { access_token: 'sEcReT', token_type: 'DPoP' },
  { access_token: 'sEcReT', expires_in: '3600' },
  { access_token: 'sEcReT' },
  { access_token: 'sEcReT\nsEcReT' },
]

/** The key, in pieces. */
function piecesOf(pem: string): string[] {
  const config = loadConfig({ ...environmentFor(lair.okta), ...asServiceApp(lair.okta) })
  const { d, p, q, dp, dq, qi } = config.oktaApiPrivateKey?.key.export({ format: 'jwk' }) ?? {}
  const lines = pem.split('\n').filter((line) => line.length > 20 && !line.includes('PRIVATE KEY'))
  return [...lines, ...[d, p, q, dp, dq, qi].map(String)]
}

describe('[140] neither the key nor a token nor an assertion', () => {
  it('reaches a page, the log or an error, whatever fails', async () => {
    const { faults, serviceApp, orgUrl, people } = lair.okta
    const config = loadConfig({ ...environmentFor(lair.okta), ...asServiceApp(lair.okta) })
    const tokens: string[] = []
    let changes = {}
    lair.okta.rewrite = (path, body) => {
      const answer: Record<string, unknown> = path === '/oauth2/v1/token' ? { ...body, ...changes } : body
      if (body.access_token) tokens.push(String(body.access_token))
      return answer
    }
    const sign = vi.spyOn(SignJWT.prototype, 'sign')
    await lair.restart()
    const visitor = await lair.signedIn()
    const seen: string[] = [inspect(config, { depth: 9, showHidden: true })]

    /** What a page shows, and what an error has in it. */
    async function look(): Promise<void> {
      serviceApp.revokeTokens()
      lair.pass(400) // neither a record nor a failure is remembered
      const own = createApiCredentials(config, createLog({ logLevel: 'silent' }), () => Date.now())
      const url = `${orgUrl}/api/v1/users/${people[0]?.id}`
      const [page, outcome] = await Promise.all([
        visitor.ask('/lair'),
        own.fetch(url, {}, AbortSignal.timeout(2000)).catch((error: unknown) => error),
      ])
      own.close()
      seen.push(page.text, JSON.stringify(page.headers), inspect(outcome, { depth: 9, showHidden: true }))
    }

    for (const { name, group } of faults.list) {
      if (group !== 'credentials' && group !== 'users') continue
      await faults.on(name)
      await look()
      await faults.clear()
    }
    for (const useless of USELESS) {
      changes = useless
      await look()
    }

    const assertions = await Promise.all(sign.mock.results.map(({ value }) => value as Promise<string>))
    const secrets = [...piecesOf(serviceApp.privateKey), ...tokens, ...assertions]
    expect(Math.min(tokens.length, assertions.length)).toBeGreaterThan(20)
    const output = seen.join('\n') + JSON.stringify(lair.log)
    for (const word of ['api-credentials', 'rate-limited', 'timeout', 'OktaFailure', 'PrivateKeyObject'])
      expect(output).toContain(word)
    for (const secret of ['sEcReT', ...secrets]) expect(output).not.toContain(secret.slice(0, 60))
  })
})
