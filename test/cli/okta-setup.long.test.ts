import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import type { Json } from '../../src/cli/okta-api.js'
import { SITE } from '../../src/site.js'
import { startLair } from '../support/lair.js'
import { type Ask, management } from '../support/management.js'
import { LION_O } from '../support/okta-client.js'
import { freePort } from '../support/process.js'
import { COMPLETE, everythingIn, runSetUp, runUndo } from '../support/set-up.js'

let okta: LocalOkta
let ask: Ask
beforeEach(async () => {
  okta = await startLocalOkta({ empty: true })
  ask = management(okta)
})
afterEach(() => okta.close())

describe('setUp', () => {
  it('makes an empty org ready within 20 calls: a person signs in, and the service app reads users and groups', async () => {
    const port = await freePort()
    const { changes, actions, calls } = await runSetUp(okta, { baseUrl: `http://localhost:${port}` })
    expect(actions).toEqual([
      'app: created',
      'group: created',
      'access-policy: created',
      'service-app: created',
    ])
    expect(calls).toBeLessThanOrEqual(20)
    expect(Object.keys(changes).sort()).toEqual([
      'OKTA_API_CLIENT_ID',
      'OKTA_API_PRIVATE_KEY',
      'OKTA_AUTH_TOKEN',
      'OKTA_CLIENT_ID',
      'OKTA_CLIENT_SECRET',
      'OKTA_ORG_URL',
    ])
    expect(changes.OKTA_AUTH_TOKEN).toBeUndefined()
    okta.addGroup('Lair keepers', ['lion-o@thundera.example'])
    const settings = {
      ...(changes as Record<string, string>),
      ...{ OKTA_AUTH_TOKEN: '', PORT: String(port), LAIR_GROUPS: 'Lair keepers' },
    }
    const lair = await startLair(settings, { sharedOkta: okta })
    onTestFinished(() => lair.close())
    expect((await lair.signedIn()).cookies.has(SITE.slug)).toBe(true)
    const { text } = await lair.visitor().ask(okta.orgUrl)
    const tile = `${lair.url}/login?iss=${encodeURIComponent(okta.orgUrl)}`
    expect(text).toContain(`<a href="${tile}">Open it as Okta’s dashboard does</a>`)
    expect((await lair.visitor().signIn(LION_O, tile)).url).toBe(`${lair.url}/lair`)
  })

  it('changes nothing when it runs again', async () => {
    const first = await runSetUp(okta)
    const before = await everythingIn(okta)
    const again = await runSetUp(okta, { settings: first.changes })
    expect(again.steps.map(({ action }) => action)).toEqual(Array(4).fill('unchanged'))
    expect(again.changes).toEqual(first.changes)
    expect(await everythingIn(okta)).toEqual(before)
  })

  it('adds to an app what is missing, and takes nothing away', async () => {
    const { changes } = await runSetUp(okta)
    const [app] = (await everythingIn(okta)).apps.filter(({ label }) => label === SITE.name)
    const oauthClient = (app as never as { settings: { oauthClient: Json } }).settings.oauthClient
    oauthClient.redirect_uris = ['https://lair.example.com/callback']
    oauthClient.logo_uri = 'https://lair.example.com/logo.png'
    await ask('PUT', `/apps/${app?.id}`, app)
    const again = await runSetUp(okta, { settings: changes, baseUrl: 'http://localhost:4000' })
    expect(again.actions[0]).toBe('app: updated')
    const { body } = await ask('GET', `/apps/${app?.id}`)
    expect(body.settings.oauthClient).toMatchObject({
      redirect_uris: ['https://lair.example.com/callback', 'http://localhost:4000/callback'],
      post_logout_redirect_uris: ['http://localhost:3000/', 'http://localhost:4000/'],
      logo_uri: 'https://lair.example.com/logo.png',
    })
    expect(body.credentials.oauthClient.pkce_required).toBe(true)
  })

  it('keeps a private key in PEM, and registers it under a name that stays the same', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString().replaceAll('\n', '\\n')
    const { changes } = await runSetUp(okta, { settings: { OKTA_API_PRIVATE_KEY: pem } })
    expect(changes.OKTA_API_PRIVATE_KEY).toBe(pem)
    const again = await runSetUp(okta, { settings: changes })
    expect(again.steps.map(({ action }) => action)).toEqual(Array(4).fill('unchanged'))
  })

  it('finds the app again by its client ID, under another label too', async () => {
    const { changes } = await runSetUp(okta)
    const [app] = (await everythingIn(okta)).apps.filter(({ label }) => label === SITE.name)
    await ask('PUT', `/apps/${app?.id}`, { ...app, label: 'Renamed' })
    await runSetUp(okta, { settings: changes })
    expect((await everythingIn(okta)).labels).toEqual(['Renamed', `${SITE.name} API`])
  })

  it('does without a custom authorization server where the org has none', async () => {
    await okta.faults.on('management-no-api-access-management')
    const { changes, actions } = await runSetUp(okta)
    expect(actions[2]).toBe('access-policy: skipped')
    expect(changes.OKTA_ISSUER).toBe(okta.orgUrl)
  })

  it('without a super administrator sets up all but the service app, and says what to do', async () => {
    await okta.faults.on('management-no-super-admin')
    const { changes, problem } = await runSetUp(okta)
    expect(problem).toMatchObject({
      code: 'not-super-admin',
      remedy: expect.stringContaining('--api-token-only'),
    })
    expect(changes.OKTA_CLIENT_SECRET).toBeTruthy()
    expect(changes).not.toHaveProperty('OKTA_API_CLIENT_ID')
    expect((await everythingIn(okta)).labels).toEqual([SITE.name])
  })

  it.each([
    ['management-token-revoked', { code: 'E0000011', remedy: expect.stringContaining('Create token') }],
    ['management-token-not-admin', { code: 'E0000006', remedy: expect.stringContaining('administrator') }],
    ['management-read-only', { code: 'E0000010' }],
    ['management-validation', { code: 'E0000001' }],
    ['management-drops', { kind: 'unreachable' }],
    ['management-500', { code: 'E0000009' }],
    ['management-html', { kind: 'bad-answer' }],
  ])('%s: rejects with the cause, and completes afterwards', async (fault, expected) => {
    await okta.faults.on(fault)
    await expect(runSetUp(okta)).rejects.toMatchObject(expected)
    await okta.faults.clear()
    await runSetUp(okta)
    expect(await everythingIn(okta)).toMatchObject(COMPLETE)
  })

  it('names a group that does not exist before it changes anything', async () => {
    await expect(runSetUp(okta, { group: 'Thunderians' })).rejects.toMatchObject({ code: 'no-such-group' })
    expect((await everythingIn(okta)).labels).toEqual([])
  })

  it('says of an app that only its label has led to that it was there', async () => {
    const { steps } = await runSetUp(okta)
    expect(steps[0]?.detail).toBe(SITE.name)
    const again = await runSetUp(okta)
    const found = expect.stringMatching(/^.+: found an app of this name/)
    for (const step of ['app', 'service-app'])
      expect(again.steps.find((one) => one.step === step)?.detail).toEqual(found)
    expect(again.actions).toContain('service-app: updated') // it has another key now
    expect(again.steps.at(-1)?.detail).toContain('and brings it into line')
  })

  it.each([
    [SITE.name, 'OKTA_CLIENT_ID'],
    [`${SITE.name} API`, 'OKTA_API_CLIENT_ID'],
  ])('stops before any change where two apps are named %s, unless %s says which', async (label, name) => {
    const { changes } = await runSetUp(okta)
    const { apps } = await everythingIn(okta)
    const twin = { ...apps.find((app) => app.label === label), id: undefined }
    expect((await ask('POST', '/apps?activate=true', twin)).status).toBe(200)
    const before = await everythingIn(okta)
    const settings = { ...changes, [name]: undefined }
    await expect(runSetUp(okta, { settings })).rejects.toMatchObject({
      code: 'several-apps',
      message: `The org has 2 apps with the label "${label}"`,
      remedy: expect.stringMatching(`Set ${name} .* --label`),
    })
    expect(await everythingIn(okta)).toEqual(before)
    expect((await runSetUp(okta, { settings: changes })).actions).toContain('app: unchanged')
  })

  it('never takes an app of another kind for its own', async () => {
    const app = {
      name: 'oidc_client',
      label: SITE.name,
      signOnMode: 'OPENID_CONNECT',
      credentials: { oauthClient: { token_endpoint_auth_method: 'none' } },
      settings: {
        oauthClient: {
          application_type: 'browser',
          redirect_uris: ['http://localhost:1/'],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      },
    }
    expect((await ask('POST', '/apps?activate=true', app)).status).toBe(200)
    await expect(runSetUp(okta)).rejects.toMatchObject({ code: 'other-kind-of-app' })
  })

  it('in a dry run plans everything and changes nothing', async () => {
    const { actions } = await runSetUp(okta, {}, { dryRun: true })
    expect(actions).toHaveLength(4)
    expect(await everythingIn(okta)).toMatchObject({ labels: [], policies: 0 })
  })
})

describe('undo', () => {
  it('leaves an app of the same label that the settings do not name, and a policy for other clients', async () => {
    await runSetUp(okta)
    expect((await runUndo(okta)).actions).toEqual(['app: skipped'])
    expect(await everythingIn(okta)).toMatchObject(COMPLETE)
  })

  it('takes nothing out if Okta does not show the policies', async () => {
    await runSetUp(okta)
    await okta.faults.on('management-token-revoked')
    await expect(runUndo(okta)).rejects.toMatchObject({ code: 'E0000011' })
    await okta.faults.clear()
    expect(await everythingIn(okta)).toMatchObject(COMPLETE)
  })

  it('takes out what a set-up has put there, and nothing else', async () => {
    await ask('POST', '/apps?activate=true', { ...webAppNamed('Another') })
    const { changes } = await runSetUp(okta)
    const gone = await runUndo(okta, changes)
    expect(gone.actions).toEqual(['access-policy: removed', 'app: removed', 'service-app: removed'])
    expect(Object.keys(gone.changes)).toEqual(
      expect.arrayContaining(['OKTA_CLIENT_ID', 'OKTA_API_PRIVATE_KEY']),
    )
    expect(await everythingIn(okta)).toMatchObject({ labels: ['Another'], policies: 0 })
  })
})

function webAppNamed(label: string) {
  return {
    name: 'oidc_client',
    label,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic' } },
    settings: {
      oauthClient: {
        application_type: 'web',
        redirect_uris: ['http://localhost:1/callback'],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    },
  }
}
