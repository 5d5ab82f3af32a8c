import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { SITE } from '../../src/site.js'
import { MAIN } from '../support/app-process.js'
import { addClaims } from '../support/forge.js'
import { environmentFor } from '../support/lair.js'
import { createNginx, findNginx, type Nginx } from '../support/nginx.js'
import { freePort, type Run, run } from '../support/process.js'
import { Visitor } from '../support/visitor.js'

const LION_O = 'lion-o@thundera.example'
const LONG_PATH = `/lair?x=${'y'.repeat(1900)}`

let okta: LocalOkta
let nginx: Nginx
let instances: { port: number; app: Run }[]

const newVisitor = () => new Visitor(nginx.url, nginx.url, nginx.certificate)
const signOut = (visitor: Visitor) =>
  visitor.go('/logout', { method: 'post', headers: { 'Sec-Fetch-Site': 'same-origin' } })

/** Resolves when `/readyz` says that people can sign in. */
async function startInstance(port: number): Promise<Run> {
  const settings = { BASE_URL: nginx.url, TRUST_PROXY: '1', PORT: String(port) }
  const app = run('node', [MAIN], { ...environmentFor(okta), ...settings })
  await app.prints(/"msg":"listening"/)
  const probe = new Visitor(`http://localhost:${port}`)
  while ((await probe.ask('/readyz')).status !== 200) await pause(20)
  return app
}

/** The statuses of a path's answers in nginx's log, and the instances that gave them. */
function answersOf(path: string): { status: string; instance: string }[] {
  const lines = nginx.accessLog().filter((line) => line.includes(` ${path}" `))
  return lines.map((line) => {
    const [, status = '', instance = ''] = /" (\d+) .* (\S+)$/.exec(line) ?? []
    return { status, instance }
  })
}

const headerBytes = (headers: Record<string, string | string[]>) =>
  Object.entries(headers)
    .flatMap(([name, values]) => [values].flat().map((value) => `${name}: ${value}\r\n`))
    .join('').length

/** Random names: deflate does not make the ID token smaller. With 100 of them a session takes two cookies. */
const groups = (count: number) => Array.from({ length: count }, () => randomBytes(18).toString('base64url'))

describe.skipIf(!findNginx())('two instances behind nginx, with deploy/nginx.conf and TLS', () => {
  beforeAll(async () => {
    okta = await startLocalOkta()
    nginx = await createNginx()
    okta.register(nginx.url)
    const ports = [await freePort(), await freePort()] as const
    instances = await Promise.all(ports.map(async (port) => ({ port, app: await startInstance(port) })))
    await nginx.start([...ports])
  })
  afterEach(() => {
    okta.rewrite = undefined
  })
  afterAll(async () => {
    await nginx.stop()
    await okta.close()
  })

  it('[118] sign ten people in and out, and each sign-in goes on at the other instance', async () => {
    for (let turn = 0; turn < 10; turn++) {
      const visitor = newVisitor()
      const page = await visitor.signIn(LION_O)
      expect([page.status, page.url]).toEqual([200, `${nginx.url}/lair`])
      expect([...visitor.cookies.keys()]).toContain(`__Host-${SITE.slug}`)
      expect((await signOut(visitor)).url).toBe(`${nginx.url}/`)
    }
    const [begun, finished] = ['/lair', '/callback'].map(answersOf)
    const starts = begun?.filter(({ status }) => status === '302').map(({ instance }) => instance)
    const ends = finished?.map(({ instance }) => instance)
    expect(ends).toHaveLength(10)
    expect(starts?.filter((instance, index) => instance === ends?.[index])).toEqual([])
  })

  it('send a browser from http to the https of the site', async () => {
    const page = await new Visitor(nginx.plainUrl).ask('/lair?x=1')
    expect([page.status, page.location]).toEqual([308, 'https://lair.example.com/lair?x=1'])
  })

  it('[37] know the address of the client, whatever the client says; the log of nginx has no code', async () => {
    const headers = { 'X-Forwarded-For': '192.0.2.1', Forwarded: 'for=192.0.2.1' }
    const visitor = newVisitor()
    const callback = await visitor.untilCallback(LION_O)
    expect((await visitor.ask(callback.href, { headers })).status).toBe(302)
    const logs = instances.map(({ app }) => app.output()).join('')
    expect(logs.match(/"ip":"[^"]*"(?=.*"msg":"signed in")/g)).toContain('"ip":"127.0.0.1"')
    expect(logs).not.toContain('192.0.2.1')
    expect(nginx.accessLog().join('\n')).not.toMatch(/[?]|code=/)
  })

  it('take the longest cookies and callbacks that the app makes, and give the longest answers', async () => {
    addClaims(okta, { groups: groups(100) })
    const visitor = newVisitor()
    const callback = await visitor.untilCallback(LION_O, LONG_PATH)
    expect(callback.href.length).toBeGreaterThan(2500)
    const answer = await visitor.ask(callback.href)
    expect(answer.status).toBe(302)
    expect(headerBytes(answer.headers)).toBeGreaterThan(10_000)
    visitor.cookies.set('another', 'x'.repeat(14_500 - [...visitor.cookies].join('; ').length))
    expect((await visitor.ask('/lair')).status).toBe(200)
    expect((await visitor.ask(`/?x=${'y'.repeat(9000)}`, { headers: { Cookie: '' } })).status).toBe(200)

    addClaims(okta, { groups: Array.from({ length: 300 }, (_, n) => `engineering-platform-team-${n}`) })
    const member = newVisitor()
    expect((await member.signIn(LION_O)).status).toBe(200)
    const end = await member.ask('/logout', { method: 'post', headers: { 'Sec-Fetch-Site': 'same-origin' } })
    expect([end.status, Number(end.location?.length) > 13_000]).toEqual([303, true])
  })

  it('use an instance at once that is back, so no page fails when the other one dies', async () => {
    const [first, second] = instances
    if (!first || !second) throw new Error('There are two instances')
    const visitor = newVisitor()
    await visitor.signIn(LION_O)
    first.app.child.kill('SIGTERM')
    await first.app.ended
    for (let turn = 0; turn < 4; turn++) expect((await visitor.ask('/lair')).status).toBe(200)
    first.app = await startInstance(first.port)

    // The instance that is back knows nobody yet, so its first page waits for Okta: nginx has no good answer of it.
    await okta.faults.on('users-hangs')
    const pages = [visitor.ask('/lair'), visitor.ask('/lair'), visitor.ask('/lair')]
    await pause(1500)
    pages.push(visitor.ask('/lair'), visitor.ask('/lair'))
    await pause(200)
    second.app.child.kill('SIGKILL')
    await second.app.ended
    for (let turn = 0; turn < 4; turn++) expect((await visitor.ask('/')).status).toBe(200)
    await Promise.all(pages)
    await okta.faults.off('users-hangs')
    second.app = await startInstance(second.port)
  })

  it('[117] [118] are restarted one after the other, while people sign in and out, and no request fails', async () => {
    const before = nginx.accessLog().length
    let over = false
    let signedIn = 0
    const person = async () => {
      while (!over) {
        const visitor = newVisitor()
        expect((await visitor.signIn(LION_O)).status).toBe(200)
        for (let turn = 0; turn < 5; turn++) expect((await visitor.ask('/lair')).status).toBe(200)
        expect((await signOut(visitor)).url).toBe(`${nginx.url}/`)
        signedIn++
      }
    }
    const restart = async () => {
      for (const instance of instances) {
        await pause(500) // people come and go
        instance.app.child.kill('SIGTERM')
        expect(await instance.app.ended).toBe(0)
        await pause(500) // only the other one is there
        instance.app = await startInstance(instance.port)
        await pause(1100) // nginx leaves out the instance for a second
      }
      over = true
    }
    await Promise.all([restart(), ...Array.from({ length: 4 }, person)])
    expect(signedIn).toBeGreaterThan(10)
    const statuses = nginx
      .accessLog()
      .slice(before)
      .map((line) => /" (\d+) /.exec(line)?.[1])
    expect(statuses.filter((status) => !/^(200|30[23])$/.test(String(status)))).toEqual([])
    for (const { port } of instances)
      expect(answersOf('/callback').filter(({ instance }) => instance.endsWith(`:${port}`))).not.toEqual([])
  })
})
