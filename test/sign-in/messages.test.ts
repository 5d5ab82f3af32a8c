import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { explainFailedSignIn } from '../../src/sign-in/refusals.js'
import { appWith } from '../support/changed-app.js'
import { type Lair, startLair } from '../support/lair.js'
import type { Page } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterEach(() => lair.okta.faults.clear())
afterAll(() => lair.close())

/** Signs in, and has Okta send the browser back with this error. */
async function refusedWith(error: string, description = ''): Promise<Page> {
  const visitor = lair.visitor()
  const { location = '' } = await visitor.ask('/lair')
  const state = new URL(location).searchParams.get('state') ?? ''
  return visitor.ask(
    `/callback?${new URLSearchParams({ state, iss: lair.okta.issuer, error, error_description: description })}`,
  )
}

function lineAbout({ text }: Page) {
  const reference = /Reference <code>([\w-]+)/.exec(text)?.[1]
  return lair.log.find(({ requestId, msg }) => requestId === reference && String(msg).startsWith('answered'))
}

describe('what no waiting mends', () => {
  it.each(['unauthorized_client', 'invalid_scope', 'unsupported_response_type', 'invalid_request'])(
    '%s: the page says that the app is not set up for Okta, the log has the code and the remedy',
    async (error) => {
      const page = await refusedWith(error)
      expect(page.status).toBe(503)
      expect(page.text).toContain('Okta does not accept how this app is set up')
      expect(page.text).not.toMatch(/cannot be reached|Authorization Code/)
      expect(lineAbout(page)).toMatchObject({
        oauthError: error,
        remedy: expect.stringContaining('Authorization Code'),
      })
    },
  )

  it('an issuer that answers 404: the page says so too, the log names OKTA_ISSUER', async () => {
    const wrong = await startLair((okta) => ({ OKTA_ISSUER: `${okta.orgUrl}/oauth2/nowhere` }))
    const page = await wrong.visitor().ask('/login')
    await wrong.close()
    expect(page.status).toBe(503)
    expect(page.text).toContain('Okta does not accept how this app is set up')
    expect(wrong.log).toContainEqual(
      expect.objectContaining({
        dependency: 'discovery',
        cause: 'not-found',
        remedy: expect.stringContaining('OKTA_ISSUER'),
      }),
    )
  })
})

describe('a fault of this app', () => {
  it('is not said to be one of Okta', () => {
    const fault = new TypeError('undefined is not a function')
    expect(explainFailedSignIn(fault, { retry: '/' })).toBe(fault)
  })
})

describe('the log of production', () => {
  it.each([
    ['User is not assigned to the client application.', 'not_assigned', 'Assignments'],
    ['Policy evaluation failed for this request.', 'access_policy', 'Access Policies'],
  ])('has the remedy of %j', async (description, code, remedy) => {
    const page = await refusedWith('access_denied', description)
    expect(page.text).not.toContain(remedy)
    expect(lineAbout(page)).toMatchObject({
      code,
      oauthError: 'access_denied',
      remedy: expect.stringContaining(remedy),
    })
  })

  it('names no error that is not registered: anybody can write the URL', async () => {
    const line = lineAbout(await refusedWith('made_up_by_somebody'))
    expect(line).toMatchObject({ code: 'sign_in_failed' })
    expect(line).not.toHaveProperty('oauthError')
  })

  it('says of an account that the Users API does not know that the token may be of another org', async () => {
    const visitor = await lair.signedIn()
    await lair.okta.faults.on('account-deleted', LION_O)
    lair.pass(60)
    const page = await visitor.ask('/lair')
    expect(page.status).toBe(403)
    expect(lineAbout(page)).toMatchObject({ remedy: expect.stringContaining('OKTA_ORG_URL') })
  })

  it.each([
    ['token-invalid-grant', { code: 'sign_in_failed', oauthError: 'invalid_grant' }],
    ['clock-1h-ahead', { code: 'clocks_apart', remedy: expect.stringContaining('NTP') }],
  ])('names the cause of %s', async (fault, expected) => {
    await lair.okta.faults.on(fault)
    expect(lineAbout(await lair.visitor().signIn(LION_O))).toMatchObject(expected)
  })

  it('has no stack of a refusal', async () => {
    const page = await refusedWith('access_denied', 'User is not assigned to the client application.')
    expect(lineAbout(page)).not.toHaveProperty('err')
    expect(lineAbout(page)).toMatchObject({ reason: expect.any(String) })
  })
})

describe('the page of development', () => {
  it('has remedy and error, and speaks of the Admin Console only where that is the place', async () => {
    await lair.restart({ NODE_ENV: 'development' })
    const policy = await refusedWith('access_denied', 'Policy evaluation failed for this request.')
    expect(policy.text).toContain('For the developer: Okta’s Admin Console: Security')
    expect(policy.text).toContain('Okta’s error is <code>access_denied</code>')
    const feature = await refusedWith('server_error', 'The requested feature is not enabled.')
    expect(feature.text).toContain('For the developer: The org has no API Access Management')
    await lair.restart()
  })

  it('names the doctor where it can say more, which is not with the local Okta, and the log does not', async () => {
    await lair.restart({ NODE_ENV: 'development' })
    const local = await refusedWith('access_denied', 'User is not assigned to the client application.')
    expect(local.text).toMatch(/For the developer: .* Assignments\.</)
    await lair.restart({
      NODE_ENV: 'development',
      OKTA_ORG_URL: 'https://dev-123456.okta.com',
      OKTA_ISSUER: lair.okta.issuer,
    })
    const pages = await Promise.all([
      refusedWith('access_denied', 'Policy evaluation failed for this request.'),
      refusedWith('access_denied', 'User is not assigned to the client application.'),
      refusedWith('unauthorized_client'),
    ])
    for (const page of pages) {
      expect(page.text).toMatch(/For the developer: .*\. Run npm run doctor\.</)
      expect(lineAbout(page)?.remedy).not.toContain('doctor')
    }
    const declined = await refusedWith('access_denied', 'The resource owner denied the request.')
    expect(declined.text).toContain('For the developer')
    expect(declined.text).not.toContain('npm run doctor')
    await lair.restart()
  })

  it('says where the error of a fault of this app is', async () => {
    const app = await appWith("page('/broken', () => { throw new Error('the secret') })")
    for (const [mode, hint] of [
      ['development', true],
      ['production', false],
    ] as const) {
      const broken = await startLair({ NODE_ENV: mode }, app)
      const { status, text } = await broken.visitor().ask('/broken')
      expect([status, text.includes('The terminal has the error')]).toEqual([500, hint])
      expect(text).not.toContain('the secret')
      await broken.close()
    }
    app.remove()
  })
})
