import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { startLocalOkta } from '../local-okta/server.js'
import { SITE } from '../src/site.js'
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

  it('forgets what Okta has told it when the page of faults asks for it, so that a fault is felt at once', async () => {
    const app = checkout.dev()
    await app.prints(/your own org/)
    const visitor = new Visitor(urlOf(app))
    expect((await visitor.signIn('lion-o@thundera.example')).status).toBe(200)
    const faults = `http://localhost:${oktaPortOf(app)}/faults`
    const press = (path: string, form = {}, headers = {}) =>
      new Visitor(faults).ask(faults + path, { method: 'post', form, headers })
    await press('', { fault: 'account-suspended', switch: 'on' })
    expect((await visitor.ask('/lair')).status).toBe(200) // it remembers
    expect((await press('/forget', {}, { 'Sec-Fetch-Site': 'same-site' })).status).toBe(403)
    expect(app.output()).not.toContain('Restarted')
    expect((await press('/forget')).status).toBe(303)
    expect((await visitor.ask('/lair')).status).toBe(403)
    expect(app.output()).toMatch(/^Restarted in \d\.\d s \(to forget what it remembered\)\.$/m)

    checkout.append('src/app.ts', "\nthrow new Error('a mistake')\n")
    await app.prints(/Waiting/)
    const refused = await press('/forget')
    expect([refused.status, refused.text]).toEqual([503, expect.stringContaining('has not started again')])
    checkout.edit('src/app.ts', "\nthrow new Error('a mistake')\n", '')
    await app.prints(/\(src\/app\.ts changed\)/)
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
  })

  it('stops with the names of the missing settings when .env has only some', async () => {
    checkout.write('.env', 'OKTA_ORG_URL=https://dev-123456.okta.com\nOKTA_CLIENT_ID=0oa1\n')
    const app = checkout.dev()
    expect(await app.ended).toBe(1)
    for (const name of ['OKTA_CLIENT_SECRET', 'OKTA_AUTH_TOKEN', 'SECRET_KEY'])
      expect(app.output()).toContain(name)
    expect(app.output()).not.toMatch(/OKTA_ORG_URL|OKTA_CLIENT_ID/)
    expect(app.output()).toContain('To use the local Okta instead')
    checkout.write('.env', 'OKTA_API_CLIENT_ID=0oa1\n')
    const other = checkout.dev()
    expect(await other.ended).toBe(1)
    expect(other.output()).toMatch(/OKTA_ORG_URL is missing(.|\n)*OKTA_API_PRIVATE_KEY is missing/)
  })

  it('names another wrong setting, and does not offer the local Okta to somebody who uses it', async () => {
    checkout.write('.env', 'LOG_LEVEL=loud\n')
    const app = checkout.dev()
    expect(await app.ended).toBe(1)
    expect(app.output()).toContain('LOG_LEVEL must be one of')
    expect(app.output()).not.toContain('local Okta')
  })

  it('uses the org of a complete .env and says so', async () => {
    const port = await freePort()
    checkout.write('.env', `${OWN_ORG}PORT=${port}\n`)
    const app = checkout.dev()
    await app.prints(/https:\/\/dev-123456\.okta\.com \(from your settings\)/)
    await app.prints(new RegExp(`Sign-in +redirect URI http://localhost:${port}/callback\\n`))
    app.signalGroup('SIGINT')
    await app.ended
    expect(app.output()).not.toMatch(/regist/i) // whether they are registered, only Okta can say
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

  it('restarts with one line for what git and editors change, and after a crash when the mistake is mended', async () => {
    const HEALTH = 'src/pages/health.ts'
    const { git } = checkout
    const says = (words: string) => checkout.edit(HEALTH, /'ok.*?\\n'/, `'ok${words}\\n'`)
    git('init', '-q', '-b', 'main')
    git('add', '.')
    git('commit', '-qm', '-')
    git('checkout', '-qb', 'other')
    says(', other')
    git('commit', '-qam', '-')

    const port = await freePort()
    checkout.write('.env', `PORT=${port}\n`)
    const oktaPortWasFree = await isFree(3999)
    const app = checkout.dev()
    await app.prints(/your own org/)
    if (oktaPortWasFree && (await isFree(3999))) expect(oktaPortOf(app)).toBe(3999) // else another program has it
    const answer = async () => (await new Visitor(`http://localhost:${port}`).ask('/healthz')).text

    expect(await restartAfter(app, () => git('checkout', '-q', 'main'))).toBe(HEALTH)
    expect(await answer()).toBe('ok\n')
    expect(await restartAfter(app, () => says(', mine'))).toBe(HEALTH)
    expect(await restartAfter(app, () => git('stash', '-q'))).toBe(HEALTH)
    expect(await answer()).toBe('ok\n')
    expect(await restartAfter(app, () => git('stash', 'pop', '-q'))).toBe(HEALTH)
    expect(await answer()).toBe('ok, mine\n')
    checkout.append('views/lair.ejs', '\n') // needs no restart: the app reads it anew for each page
    checkout.write(
      'formatted',
      "export const alive = (_, res) => res.send('formatted')\nexport const ready = () => alive",
    )
    const [from, to] = ['formatted', HEALTH].map((file) => join(checkout.folder, file))
    expect(await restartAfter(app, () => renameSync(String(from), String(to)))).toBe(HEALTH)
    expect(await answer()).toBe('formatted')

    expect(await restartAfter(app, () => checkout.remove('.env'))).toBe('.env')
    expect(await answer()).toBe('formatted') // without PORT the app keeps its port
    expect(app.output().split(`  ${SITE.name}  `)).toHaveLength(2)
    expect(app.output()).not.toMatch(/Error|ended \(|Waiting/)

    checkout.append('src/app.ts', "\nthrow new Error('a mistake')\n")
    await app.prints(/Waiting for a change in src\/ or \.env\.\n/)
    expect(app.output()).toMatch(/Error: a mistake[\s\S]*Waiting/)
    expect(app.output().match(/ended \(|Waiting/g)).toEqual(['ended (', 'Waiting']) // in one line
    expect(await restartAfter(app, () => git('checkout', '-q', 'src/app.ts'))).toBe('src/app.ts')
    expect(await answer()).toBe('formatted')

    checkout.write('.env', `${OWN_ORG}PORT=${port}\n`)
    await app.prints(/dev-123456\.okta\.com \(from your settings\)/) // the banner again, since the org is another
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
  })
})

describe.concurrent('npm run dev', () => {
  /** Looking for one from 3000 on, they would meet. */
  const devOnFreePort = async (env = {}) => checkout.dev({ PORT: String(await freePort()), ...env })

  it('says that PORT is taken and ends, with exit code 1', async () => {
    const { port, free } = await take(0)
    const app = checkout.dev({ PORT: String(port) })
    expect(await app.ended).toBe(1)
    expect(app.output()).toContain(`Port ${port} is already in use`)
    expect(app.output()).not.toMatch(READY)
    free()
  })

  it.each([200, 500, 800, 1100])('ends at once when it is stopped %i ms after it began', async (ms) => {
    const app = await devOnFreePort()
    await new Promise((resolve) => setTimeout(resolve, ms))
    const begun = performance.now()
    app.signalGroup('SIGINT')
    await app.ended
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(app.output()).not.toMatch(/Error/)
  })

  it('is as quiet as LOG_LEVEL says, and still says where it is', async () => {
    const app = await devOnFreePort({ LOG_LEVEL: 'silent' })
    await app.prints(READY)
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
  })

  it('takes the app with it when it is killed', async () => {
    const app = await devOnFreePort()
    await app.prints(READY)
    const port = Number(new URL(urlOf(app)).port)
    app.child.kill('SIGKILL')
    await app.ended
    while (!(await isFree(port))) await new Promise((resolve) => setTimeout(resolve, 50))
  })
})
