import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, it, type TestContext, vi } from 'vitest'
import { createLog } from '../src/log.js'
import { startServer } from '../src/server.js'
import { MAIN, startAppProcess } from './support/app-process.js'
import { type Lair, startLair } from './support/lair.js'
import { run } from './support/process.js'
import { startUsersApi } from './support/users-api.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

const started = (command: string, test: TestContext, env?: Record<string, string>) =>
  startAppProcess(command, { okta: lair.okta, test, ...(env && { env }) })

/** Makes a line of about 2 kB in the log. */
const longPath = (index: number) => `/nowhere/${index}/${'there/'.repeat(350)}`

describe.concurrent('a log that cannot be written', () => {
  it.for([
    ['the disk is full', '> /dev/full'],
    ['the disk is full, for errors too', '> /dev/full 2>&1'],
    ['there is no output', '>&- 2>&-'],
  ])('because %s, changes nothing for anybody else', async ([, redirection], test) => {
    const { app, visitor } = await started(`${MAIN} ${redirection}`, test)
    test.expect((await visitor.ask(longPath(0))).status).toBe(404)
    test.expect((await visitor.ask('/')).status).toBe(200)
    app.child.kill('SIGTERM')
    test.expect(await app.ended).toBe(0)
  })

  it('because its reader is gone, goes on with the next reader, and forgets nothing', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'lair-log-'))
    test.onTestFinished(() => rmSync(folder, { recursive: true }))
    const pipe = join(folder, 'pipe')
    spawnSync('mkfifo', [pipe])
    const reader = run('cat', [pipe])
    const { app, visitor } = await started(`${MAIN} > ${pipe}`, test)
    await reader.prints(/"msg":"listening"/)
    reader.child.kill()
    await reader.ended
    test.expect((await visitor.ask('/nowhere/unread')).status).toBe(404)

    const next = run('cat', [pipe])
    await vi.waitFor(async () => {
      test.expect((await visitor.ask('/nowhere/read')).status).toBe(404)
      test.expect(next.output()).toContain('/nowhere/read')
    })
    test.expect(next.output()).toContain('/nowhere/unread')
    app.child.kill('SIGTERM')
    test.expect(await app.ended).toBe(0)
    await next.ended
    test.expect(next.output()).toContain('"msg":"closing"')
  })

  it('because its reader does not read, goes on when it does', async (test) => {
    const { app, visitor } = await started(MAIN, test)
    app.child.stdout?.pause()
    for (let index = 0; index < 200; index++)
      test.expect((await visitor.ask(longPath(index))).status).toBe(404)
    test.expect(app.output()).not.toContain(longPath(199))
    app.child.stdout?.resume()
    await vi.waitFor(async () => {
      await visitor.ask('/nowhere')
      test.expect(app.output()).toContain(longPath(199))
    })
    test.expect(app.output().match(/"path":"\/nowhere\/\d/g)).toHaveLength(200)
    app.child.stdout?.pause()
    for (let index = 0; index < 200; index++) await visitor.ask(longPath(index))
    app.child.kill('SIGTERM')
    test.expect(await app.ended).toBe(0)
  })
})

describe.concurrent('an error that nothing caught', () => {
  it.for([
    ['a rejected promise', 'Promise.reject(Error("stray"))'],
    ['a thrown error', '{throw(Error("stray"))}'],
  ])(
    '%s outside of any request is in the log, and the process ends in order with 1',
    async ([, stray], test) => {
      const usersApi = await startUsersApi()
      test.onTestFinished(() => void usersApi.server.close())
      const { app, visitor } = await started(
        `--import 'data:text/javascript,process.on("SIGUSR2",()=>${stray})' ${MAIN}`,
        test,
        { OKTA_ORG_URL: usersApi.url, OKTA_ISSUER: lair.okta.issuer, BASE_URL: lair.url }, // as the lair's second instance
      )
      const become = async (login?: string) => {
        for (const [name, value] of (await lair.signedIn(login)).cookies) visitor.cookies.set(name, value)
      }
      await become('cheetara@thundera.example')
      while ((await visitor.ask('/lair')).status !== 200) await pause(100) // from here on the app is warm
      await become()
      usersApi.delayMs = () => 1000
      const inFlight = visitor.ask('/lair')
      await once(usersApi.server, 'request')
      app.child.kill('SIGUSR2')
      test.expect((await inFlight).status).toBe(200)
      test.expect(await app.ended).toBe(1)
      test.expect(app.output()).toMatch(/"level":"fatal".*"message":"stray"/)
    },
  )

  it('a promise rejected inside of a request is one 500 page with a reference that is in the log', async ({
    expect,
  }) => {
    // Somebody is suspended, and the log fails when it is to say so: in a middleware that is async.
    const lines: string[] = []
    const write = (line: string) => {
      if (line.includes('session ended')) throw new Error('the pen broke')
      lines.push(line)
    }
    const broken = await startLair(
      {},
      {
        startServer: (options) =>
          startServer({ ...options, log: createLog({ logLevel: 'info' }, { write }) }),
      },
    )
    const visitor = await broken.signedIn()
    await broken.okta.faults.on('account-suspended', 'lion-o@thundera.example')
    broken.pass(60)
    const page = await visitor.ask('/')
    expect(page.status).toBe(500)
    const [, reference] = /Reference <code>([\w-]+)/.exec(page.text) ?? []
    expect(lines.find((line) => line.includes(String(reference)))).toContain('the pen broke')
    expect((await visitor.ask('/healthz')).status).toBe(200)
    await broken.close()
  })
})
