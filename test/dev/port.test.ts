import { describe, expect, it } from 'vitest'
import { appPort, localOktaPort } from '../../scripts/dev/port.js'
import { loadConfig } from '../../src/config.js'
import { take } from '../support/dev.js'

const configOf = (env: Record<string, string>) =>
  loadConfig({
    OKTA_ORG_URL: 'https://dev-123456.okta.com',
    OKTA_CLIENT_ID: '0oa1',
    OKTA_CLIENT_SECRET: 'secret',
    OKTA_AUTH_TOKEN: 'token',
    SECRET_KEY: 'a-secret-key-for-tests-that-is-long-enough',
    ...env,
  })
const ownOrg = { given: false, ownOrg: true }
const localOkta = { given: false, ownOrg: false }

describe('the port of the app in npm run dev', () => {
  it('is PORT, else that of a loopback BASE_URL, else the one that the app had', async () => {
    const env = { PORT: '4000', BASE_URL: 'http://localhost:5000' }
    expect(await appPort(configOf(env), { ...ownOrg, given: true }, '6000')).toBe('4000')
    expect(await appPort(configOf({ BASE_URL: env.BASE_URL }), ownOrg, '6000')).toBe('5000')
    expect(await appPort(configOf({}), ownOrg, '6000')).toBe('6000')
    expect(await appPort(configOf({}), localOkta, '6000')).toBe('6000')
  })

  it('is another one than 3000, which is taken, with the local Okta only', async () => {
    const { free } = await take(3000)
    expect(Number(await appPort(configOf({}), localOkta, undefined))).toBeGreaterThan(3000)
    await expect(appPort(configOf({}), ownOrg, undefined)).rejects.toThrow('Port 3000 is taken')
    // The program in front knows the app at 3000. The app itself will say that the port is taken.
    const behindProxy = configOf({ BASE_URL: 'https://lair.example', TRUST_PROXY: '1' })
    expect(await appPort(behindProxy, ownOrg, undefined)).toBe('3000')
    free()
  })
})

describe('the port of the local Okta in npm run dev', () => {
  it('is any free one if the usual one is taken, or is that of the app', async () => {
    expect(await localOktaPort(3999)).toBe('0')
    const { free } = await take(3999)
    expect(await localOktaPort(3000)).toBe('0')
    free()
  })
})
