/** Stops the app with SIGTERM while it is under load, and counts the requests that are lost. */
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentFor, startLair } from './lair.js'
import { freePort, run } from './process.js'
import { startUsersApi } from './users-api.js'

export interface Round {
  answeredBefore: number
  answeredAfter: number
  /** The requests that began in time and got no complete answer, or a wrong one. */
  lost: string[]
  exitMs: number
  exitCode: number | string
}

/** The app takes connections for 1 s after SIGTERM. Requests that begin in the last 10 ms do not count. */
const IN_TIME_MS = 990

const LOAD_MS = 1000 // before the signal
const SLOW_MS = 1200 // the Users API takes so long for some people; the app gives it 2 s

/** The clients ask for these in turn: for `/lair` with a session, for the others as a stranger. */
const PATHS = ['/', '/lair', '/healthz', '/assets/lair.css']

/**
 * @param command starts the app, which takes its settings from the environment
 * @param clients how many clients ask at once, besides six people for whom the Users API is slow
 */
export async function startSoak(command: [string, ...string[]], clients = 20) {
  const usersApi = await startUsersApi()
  const settings = { OKTA_ORG_URL: usersApi.url }
  const lair = await startLair((okta) => ({ ...settings, OKTA_ISSUER: okta.issuer }))
  const { url: BASE_URL, okta } = lair // the app of every round is a second instance of the lair's app
  const env = { ...environmentFor(okta), ...settings, OKTA_ISSUER: okta.issuer, BASE_URL }
  const [lionO] = lair.okta.people
  const slow = Array.from({ length: 6 }, (_, index) => `slow-${index}`)
  if (!lionO) throw new Error('no Lion-O')
  for (const id of slow) lair.okta.people.push({ ...lionO, id, profile: { ...lionO.profile, login: id } })
  /** One sign-in for each person is enough: every process with the same key accepts the session. */
  const sessionOf = async (login?: string) =>
    [...(await lair.signedIn(login)).cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const session = await sessionOf()
  const slowSessions = await Promise.all(slow.map(sessionOf))
  usersApi.delayMs = (id) => (slow.includes(id) ? SLOW_MS : 0)

  async function round(): Promise<Round> {
    const port = await freePort()
    const app = run(command[0], command.slice(1), { ...env, PORT: String(port) })
    await app.prints(/"msg":"listening"/)
    const result: Round = { answeredBefore: 0, answeredAfter: 0, lost: [], exitMs: 0, exitCode: '' }
    let [signalAt, noticedAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
    const inTime = () => performance.now() < signalAt + IN_TIME_MS

    async function ask(path: string, agent: Agent | false, cookie = session): Promise<void> {
      const begunAt = performance.now()
      const problem = await answer(path, agent, cookie, begunAt).catch((error) => String(error))
      const endedAt = performance.now()
      if (problem) {
        const [from, to] = [begunAt, endedAt].map((at) => `${Math.round(at - signalAt)} ms`)
        result.lost.push(
          `${path} (${agent ? 'keep-alive' : 'fresh'}), ${from} to ${to} after the signal: ${problem}`,
        )
      } else result[endedAt < signalAt ? 'answeredBefore' : 'answeredAfter']++
    }

    /** Resolves when the whole answer is there: with what is wrong about it, or `undefined`. */
    async function answer(path: string, agent: Agent | false, cookie: string, begunAt: number) {
      const headers = path === '/lair' ? { Cookie: cookie } : {}
      const [res]: IncomingMessage[] = await once(
        get({ host: '127.0.0.1', port, path, agent, headers }),
        'response',
      )
      if (!res) return 'no answer'
      await once(res.resume(), 'end')
      if (begunAt > noticedAt && res.headers.connection !== 'close') return 'without Connection: close'
      const expected = path === '/readyz' ? 503 : 200
      return res.statusCode === expected ? undefined : `${res.statusCode}`
    }

    /** Half of the clients keep a connection, and half of these leave it idle for long. The others do not keep it. */
    async function client(index: number): Promise<void> {
      const agent = index % 2 === 0 && new Agent({ keepAlive: true, maxSockets: 1 })
      for (let turn = index; inTime(); turn++) {
        await ask(PATHS[turn % PATHS.length] ?? '/', agent)
        await pause(Math.random() * (index % 4 === 0 ? 600 : 30))
      }
    }

    while (await answer('/lair', false, session, 0)) await pause(100) // now the app answers the lair
    const asking = [
      ...Array.from({ length: clients }, (_, index) => client(index)),
      ...slowSessions.map(async (cookie, index) => {
        await pause(LOAD_MS - 900 + index * 370) // the last begins 50 ms before the listener closes
        if (inTime()) await ask('/lair', false, cookie)
      }),
    ]
    await pause(LOAD_MS)
    signalAt = performance.now()
    app.child.kill('SIGTERM')
    await app.prints(/"msg":"closing"/)
    noticedAt = performance.now()
    if (inTime()) await ask('/readyz', false)
    result.exitCode = await app.ended
    result.exitMs = performance.now() - signalAt
    await Promise.all(asking)
    return result
  }

  async function close(): Promise<void> {
    await lair.close()
    usersApi.server.close()
  }
  return { round, close }
}
