import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { MAIN, startAppProcess } from '../support/app-process.js'
import { isFree, type Run } from '../support/process.js'
import { start } from '../support/start.js'
import { loseNoRequest } from '../support/stops.js'
import { startUsersApi } from '../support/users-api.js'
import { Visitor } from '../support/visitor.js'

const REQUEST = 'GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n'
const CLOSING_ANSWER = /^HTTP\/1.1 200 OK\r\n(.*\r\n)?connection: close\r\n/is

/** Does nothing else until the listener is to be closed. */
const BUSY_ON_SIGUSR2 =
  'data:text/javascript,process.on("SIGUSR2",()=>{process.stdout.write("busy");for(const end=Date.now()+1100;Date.now()<end;);})'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
})
afterAll(() => okta.close())

async function connected(port: number) {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  return socket
}

// This test runs alone: its load keeps the local Okta, which the other tests need, from answering in time.
describe('SIGTERM', () => {
  it('[117] loses no request: five stops under load (npm run soak: a hundred)', () => loseNoRequest(5))
})

describe.concurrent('SIGTERM', () => {
  it('leaves nobody in the queue who came within the second, however busy the process was', async (test) => {
    const { app, port } = await startAppProcess(`--import '${BUSY_ON_SIGUSR2}' ${MAIN}`, { okta, test })
    app.child.kill('SIGTERM')
    await app.prints(/"msg":"closing"/)
    app.child.kill('SIGUSR2')
    await app.prints(/busy/)
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connected(port)))
    const answers = sockets.map((socket) => once(socket, 'data'))
    for (const socket of sockets) socket.write(REQUEST)
    for (const [answer] of await Promise.all(answers)) test.expect(String(answer)).toMatch(CLOSING_ANSWER)
    test.expect(await app.ended).toBe(0)
  })

  // Half a second is short on a busy machine: hence the retries.
  it('closes the listener after a second, and no connection then that a request may be under way on', {
    retry: 2,
  }, async (test) => {
    const { app, port } = await startAppProcess(MAIN, { okta, test })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ask = async () => {
      const asked = get({ host: '127.0.0.1', port, path: '/healthz', agent })
      const [res] = (await once(asked, 'response')) as [IncomingMessage]
      await once(res.resume(), 'end')
      return [res.statusCode, res.headers.connection, asked.reusedSocket]
    }
    test.expect(await ask()).toEqual([200, 'keep-alive', false])
    app.child.kill('SIGTERM')
    await app.prints(/"msg":"closing"/)
    const unused = await connected(port)
    await vi.waitFor(async () => test.expect(await isFree(port)).toBe(true), { timeout: 5000, interval: 10 })
    unused.write(REQUEST)
    test.expect(String((await once(unused, 'data'))[0])).toMatch(CLOSING_ANSWER)
    test.expect(await ask()).toEqual([200, 'close', true])
    test.expect(await app.ended).toBe(0)
  })
})

describe.concurrent('a stop', () => {
  it.each([
    ['SIGTERM to npm alone', (app: Run) => app.child.kill('SIGTERM')],
    ['SIGINT to the whole group', (app: Run) => app.signalGroup('SIGINT')],
    [
      'SIGTERM to the whole group, twice',
      (app: Run) => {
        app.signalGroup('SIGTERM')
        app.signalGroup('SIGTERM')
      },
    ],
  ])('by %s frees the port and exits 0 within 10 s', async (_what, stop) => {
    const { app, port } = await start(okta)
    const begun = performance.now()
    stop(app)
    expect(await app.ended).toBe(0)
    expect(performance.now() - begun).toBeLessThan(10_000)
    expect(await isFree(port)).toBe(true)
  })

  it('lets a request in flight finish, and takes new ones for a second after SIGTERM', async () => {
    const usersApi = await startUsersApi()
    usersApi.delayMs = () => 1500
    const { app, url } = await start(okta, { OKTA_ORG_URL: usersApi.url, OKTA_ISSUER: okta.issuer }, [
      'node',
      MAIN,
    ])
    okta.register(url)
    const visitor = new Visitor(url)
    const inFlight = visitor.signIn('lion-o@thundera.example')
    await Promise.race([once(usersApi.server, 'request'), inFlight]) // a sign-in that fails is told at once
    app.signalGroup('SIGTERM')
    await app.prints(/"msg":"closing"/)
    const late = await visitor.ask('/healthz')
    expect([late.status, late.headers.connection]).toEqual([200, 'close'])
    const page = await inFlight
    expect([page.status, page.headers.connection]).toEqual([200, 'close'])
    expect(await app.ended).toBe(0)
    usersApi.server.close()
  })
})
