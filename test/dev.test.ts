import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createCheckout, oktaPortOf, READY, restartAfter, take, urlOf } from './support/dev.js'
import { within10Seconds } from './support/faults.js'
import { isFree, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

let checkout: ReturnType<typeof createCheckout>
beforeAll(() => {
  checkout = createCheckout()
})
afterAll(() => checkout.remove(''))

describe('npm run dev', () => {
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
})
