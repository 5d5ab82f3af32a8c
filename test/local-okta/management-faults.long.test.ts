import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { type Answer, management, policyFor, webApp } from '../support/management.js'
import { ROOT } from '../support/process.js'
import { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const SERVERS = '/authorizationServers'

let okta: LocalOkta
let appId: string
beforeAll(async () => {
  okta = await startLocalOkta()
  appId = (await ask('GET', '/apps')).body[0].id
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const ask = (...call: Parameters<ReturnType<typeof management>>) => management(okta)(...call)
const grants = () => `/apps/${appId}/grants`
const roles = () => `/oauth2/v1/clients/${okta.clientId}/roles`
const code = ({ status, body }: Answer) => [status, body?.errorCode]

describe('a call of the management API', () => {
  it.each<
    [fault: string, status: number, errorCode: string, call: [string, string], right: [string, string][]]
  >([
    ['token-revoked', 401, 'E0000011', ['GET', '/users/me'], []],
    ['token-not-admin', 403, 'E0000006', ['POST', '/apps'], [['GET', '/apps']]],
    ['no-api-access-management', 401, 'E0000015', ['GET', SERVERS], [['GET', '/apps']]],
    ['no-api-access-management', 401, 'E0000015', ['POST', `${SERVERS}/default/policies`], []],
    ['validation', 400, 'E0000001', ['POST', '/apps'], [['GET', '/apps']]],
    ['read-only', 503, 'E0000010', ['DELETE', '/apps/x'], [['GET', '/groups']]],
    ['rate-limited', 429, 'E0000047', ['GET', '/groups'], []],
    ['500', 500, 'E0000009', ['GET', '/org'], []],
  ])('fails with management-%s: %i %s', async (fault, status, errorCode, [method, path], right) => {
    const before = code(await ask(method, path))
    okta.faults.on(`management-${fault}`)
    expect(code(await ask(method, path))).toEqual([status, errorCode])
    for (const [method, path] of right) expect((await ask(method, path)).status).toBe(200)
    okta.faults.off(`management-${fault}`)
    expect(code(await ask(method, path))).toEqual(before)
  })

  it('fails with management-no-super-admin if it is about the rights of a service app', async () => {
    okta.faults.on('management-no-super-admin')
    const grant = { scopeId: 'okta.users.read', issuer: okta.orgUrl }
    expect(code(await ask('POST', grants(), grant))).toEqual([403, 'E0000006'])
    expect(code(await ask('POST', roles(), { type: 'READ_ONLY_ADMIN' }))).toEqual([403, 'E0000006'])
    const { body, status } = await ask('POST', '/apps', webApp('Allowed'))
    expect(status).toBe(200)
    const made = await ask('POST', `${SERVERS}/default/policies`, policyFor(body.id))
    expect(made.status).toBe(201)
  })

  it('is told when the rate limit ends, and what is invalid', async () => {
    okta.faults.on('management-rate-limited')
    const { headers } = await ask('GET', '/apps')
    const date = Date.parse(headers.get('date') ?? '') / 1000
    expect(Number(headers.get('x-rate-limit-reset')) - date).toBe(20)
    expect(headers.get('x-rate-limit-remaining')).toBe('0')
    okta.faults.on('management-validation')
    const { errorSummary, errorCauses } = (await ask('PUT', `/apps/${appId}`, {})).body
    expect([errorSummary, errorCauses]).toEqual([
      'Api validation failed: label',
      [{ errorSummary: 'label: The field is too long' }],
    ])
  })

  it('is dropped, never answered, or answered with a page', async () => {
    const get = (init?: RequestInit) =>
      fetch(`${okta.orgUrl}/api/v1/apps`, { headers: { Authorization: `SSWS ${okta.apiToken}` }, ...init })
    okta.faults.on('management-drops')
    await expect(get()).rejects.toThrow('fetch failed')
    okta.faults.on('management-hangs')
    await expect(get({ signal: AbortSignal.timeout(100) })).rejects.toMatchObject({ name: 'TimeoutError' })
    okta.faults.on('management-html')
    const page = await get()
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html'])
  })

  it('fails in the way that was switched on last, of those that concern it', async () => {
    okta.faults.on('management-500')
    okta.faults.on('management-read-only')
    expect(code(await ask('GET', '/apps'))).toEqual([500, 'E0000009'])
    expect(code(await ask('POST', '/apps'))).toEqual([503, 'E0000010'])
  })
})

describe('management-no-api-access-management', () => {
  it('takes the custom authorization server away, and leaves the org’s own', async () => {
    okta.faults.on('management-no-api-access-management')
    const discovery = (issuer: string) => fetch(`${issuer}/.well-known/openid-configuration`)
    const answer = await discovery(okta.issuer)
    expect([answer.status, await answer.json()]).toEqual([
      401,
      expect.objectContaining({ errorCode: 'E0000015' }),
    ])
    expect((await discovery(okta.orgUrl)).status).toBe(200)
    const page = await new Visitor(okta.orgUrl).ask(`${okta.issuer}/v1/authorize?client_id=${okta.clientId}`)
    expect([page.status, page.text]).toEqual([
      400,
      expect.stringContaining('not enabled in this environment'),
    ])
    okta.faults.off('management-no-api-access-management')
    expect((await discovery(okta.issuer)).status).toBe(200)
  })
})

describe('the app', () => {
  it.each(['token-revoked', '500', 'drops'])(
    'reads its users all the same with management-%s',
    async (fault) => {
      okta.faults.on(`management-${fault}`)
      expect((await ask('GET', `/users/${LION_O}`)).status).toBe(200)
      expect(okta.faults.asked).toEqual(expect.not.objectContaining({ management: expect.anything() }))
    },
  )
})

it('the README of the local Okta lists every fault of the management API', () => {
  const readme = readFileSync(join(ROOT, 'local-okta/README.md'), 'utf8')
  const listed = [...readme.matchAll(/`(management-[\w-]+)`/g)].map(([, name]) => name)
  const names = okta.faults.list.filter(({ group }) => group === 'management').map(({ name }) => name)
  expect(listed.sort()).toEqual(names.sort())
})
