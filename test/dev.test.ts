import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { within10Seconds } from './support/faults.js'
import { freePort, isFree, ROOT, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

/** A checkout of its own, so that the test can change files and write a `.env`. */
let checkout: string
beforeAll(() => {
  checkout = mkdtempSync(join(tmpdir(), 'lair-'))
  for (const name of ['package.json', 'tsconfig.json', 'src', 'local-okta', 'views', 'public', 'scripts']) {
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'))
})
afterAll(() => rmSync(checkout, { recursive: true, force: true }))

/** As `npm run dev` does, at half the price. */
const dev = (env: Record<string, string> = {}) =>
  run('node', ['--import', 'tsx', 'scripts/dev.ts'], env, checkout)
const READY = /The Lair +(http:\/\/localhost:\d+)/

describe('npm run dev', () => {
  it('brings a local Okta, says who can sign in, restarts on change without signing anybody out, ends at once', async () => {
    const app = run('npm', ['run', 'dev'], {}, checkout)
    await app.prints(READY)
    await app.prints(/your own org/)
    const banner = app.output()
    const url = READY.exec(banner)?.[1] ?? ''
    const oktaPort = Number(/Okta +http:\/\/localhost:(\d+)/.exec(banner)?.[1])
    expect(banner).toContain('lion-o@thundera.example')
    expect(banner).not.toMatch(/warn(?!.*nodedir)|unsupported|deprecated/i)
    expect(banner.split('\n').length).toBeLessThanOrEqual(30)

    const visitor = new Visitor(url)
    expect((await visitor.signIn('lion-o@thundera.example')).status).toBe(200)

    const view = join(checkout, 'src/pages/landing.ts')
    const banners = () => app.output().match(/The Lair {2}/g)?.length
    writeFileSync(view, readFileSync(view, 'utf8').replace("'friend'", "'stranger'"))
    await app.prints(/The Lair {2}(.|\n)*The Lair {2}/)
    expect(banners()).toBe(2)
    // 503 while a busy machine is still loading the Okta SDK.
    await within10Seconds(async () => (await visitor.ask('/lair')).status === 200)

    const begun = performance.now()
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(await isFree(Number(new URL(url).port))).toBe(true)
    expect(await isFree(oktaPort)).toBe(true)
  })

  it('stops with the names of the missing settings when .env has only some', async () => {
    writeFileSync(join(checkout, '.env'), 'OKTA_ORG_URL=https://dev-123456.okta.com\nOKTA_CLIENT_ID=0oa1\n')
    const app = dev()
    expect(await app.ended).toBe(1)
    for (const name of ['OKTA_CLIENT_SECRET', 'OKTA_AUTH_TOKEN', 'SECRET_KEY'])
      expect(app.output()).toContain(name)
    expect(app.output()).not.toMatch(/OKTA_ORG_URL|OKTA_CLIENT_ID/)
    writeFileSync(join(checkout, '.env'), 'OKTA_API_CLIENT_ID=0oa1\n')
    const other = dev()
    expect(await other.ended).toBe(1)
    expect(other.output()).toMatch(/OKTA_ORG_URL is missing(.|\n)*OKTA_API_PRIVATE_KEY is missing/)
    rmSync(join(checkout, '.env'))
  })

  it('uses the org of a complete .env and says so', async () => {
    const port = await freePort()
    writeFileSync(
      join(checkout, '.env'),
      `OKTA_ORG_URL=https://dev-123456.okta.com
OKTA_CLIENT_ID=0oa1
OKTA_CLIENT_SECRET=secret
OKTA_AUTH_TOKEN=token
SECRET_KEY=a-secret-key-for-tests-that-is-long-enough
PORT=${port}
`,
    )
    const app = dev()
    await app.prints(/https:\/\/dev-123456\.okta\.com \(from your settings\)/)
    await app.prints(new RegExp(`http://localhost:${port}/callback as sign-in redirect URI`))
    app.signalGroup('SIGINT')
    await app.ended
    rmSync(join(checkout, '.env'))
  })
})

describe.concurrent('npm run dev', () => {
  /** Looking for one from 3000 on, they would meet. */
  const devOnFreePort = async (env = {}) => dev({ PORT: String(await freePort()), ...env })

  it('says that PORT is taken and ends, with exit code 1', async () => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as AddressInfo
    const app = dev({ PORT: String(port) })
    expect(await app.ended).toBe(1)
    expect(app.output()).toContain(`Port ${port} is already in use`)
    expect(app.output()).not.toMatch(READY)
    blocker.close()
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
    const port = Number(new URL(READY.exec(app.output())?.[1] ?? '').port)
    app.child.kill('SIGKILL')
    await app.ended
    while (!(await isFree(port))) await new Promise((resolve) => setTimeout(resolve, 50))
  })
})
