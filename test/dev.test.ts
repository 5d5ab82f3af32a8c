import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLocalOkta } from '../local-okta/server.js'
import { createCheckout, OWN_ORG, oktaPortOf, READY, restartAfter, take, urlOf } from './support/dev.js'
import { within10Seconds } from './support/faults.js'
import { environmentFor } from './support/lair.js'
import { freePort, isFree, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

let checkout: ReturnType<typeof createCheckout>
beforeAll(() => {
  checkout = createCheckout()
})
afterAll(() => checkout.remove(''))

describe('npm run dev', () => {
  afterEach(() => checkout.remove('.env'))

  it('brings a local Okta on free ports, says who can sign in, restarts without signing anybody out, ends at once', async () => {
    const blockers = [await take(3000), await take(3999)]
    const app = run('npm', ['run', 'dev'], {}, checkout.folder)
    await app.prints(READY)
    await app.prints(/your own org/)
    const banner = app.output()
    const oktaPort = oktaPortOf(app)
    expect(Number(new URL(urlOf(app)).port)).toBeGreaterThan(3000)
    expect(oktaPort).not.toBe(3999)
    expect(banner).toContain('lion-o@thundera.example')
    expect(banner).not.toMatch(/warn(?!.*nodedir)|unsupported|deprecated/i)
    expect(banner.split('\n').length).toBeLessThanOrEqual(30)

    const LAIR = 'src/pages/lair.ts'
    expect(await restartAfter(app, () => checkout.append(LAIR, '\n'))).toBe(LAIR)
    expect(app.output().slice(banner.length)).toMatch(/^\s*Restarted in .*\n$/) // one line is enough

    const visitor = new Visitor(urlOf(app))
    expect((await visitor.signIn('lion-o@thundera.example')).status).toBe(200)
    await restartAfter(app, () => checkout.append(LAIR, '\n'))
    // 503 while a busy machine is still loading the Okta SDK.
    await within10Seconds(async () => (await visitor.ask('/lair')).status === 200)

    const begun = performance.now()
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(await isFree(Number(new URL(urlOf(app)).port))).toBe(true)
    expect(await isFree(oktaPort)).toBe(true)
    for (const blocker of blockers) blocker.free()
  })

  it('stops with the names of the missing settings when .env has only some', async () => {
    checkout.write('.env', 'OKTA_ORG_URL=https://dev-123456.okta.com\nOKTA_CLIENT_ID=0oa1\n')
    const app = checkout.dev()
    expect(await app.ended).toBe(1)
    for (const name of ['OKTA_CLIENT_SECRET', 'OKTA_AUTH_TOKEN', 'SECRET_KEY'])
      expect(app.output()).toContain(name)
    expect(app.output()).not.toMatch(/OKTA_ORG_URL|OKTA_CLIENT_ID/)
    checkout.write('.env', 'OKTA_API_CLIENT_ID=0oa1\n')
    const other = checkout.dev()
    expect(await other.ended).toBe(1)
    expect(other.output()).toMatch(/OKTA_ORG_URL is missing(.|\n)*OKTA_API_PRIVATE_KEY is missing/)
  })

  it('uses the org of a complete .env and says so', async () => {
    const port = await freePort()
    checkout.write('.env', `${OWN_ORG}PORT=${port}\n`)
    const app = checkout.dev()
    await app.prints(/https:\/\/dev-123456\.okta\.com \(from your settings\)/)
    await app.prints(new RegExp(`http://localhost:${port}/callback as sign-in redirect URI`))
    app.signalGroup('SIGINT')
    await app.ended
  })

  it('says what is wrong with the org before anybody clicks, such as a redirect URI that is not registered', async () => {
    const okta = await startLocalOkta()
    const port = await freePort()
    const settings = { ...environmentFor(okta), PORT: String(port) }
    checkout.write(
      '.env',
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    )
    const app = checkout.dev()
    await app.prints(/^failed redirect-uri: .*Remedy: /m)
    app.signalGroup('SIGINT')
    await app.ended
    await okta.close()
  })

  it('stops if port 3000, which is registered at the org, is taken', async () => {
    const blocker = await take(3000)
    checkout.write('.env', OWN_ORG)
    const app = checkout.dev()
    expect(await app.ended).toBe(1)
    expect(app.output()).toMatch(/^Port 3000 is taken by another program\./)
    expect(app.output()).toMatch(
      /redirect URI that is registered.* port 3000:\s+http:\/\/localhost:3000\/callback/,
    )
    expect(app.output()).toMatch(/End the other program\. Or set PORT, and register/)
    blocker.free()
  })
})
