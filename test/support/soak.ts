/** Stops the app with SIGTERM while it is under load, and counts what that cost those who were asking. */
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { environmentFor, startLair } from './lair.js'
import { run } from './process.js'
import { startUsersApi } from './users-api.js'

export interface Round {
  answeredBefore: number
  answeredAfter: number
  /** Requests begun in time that got no complete answer, or not the one they should. */
  lost: string[]
  exitMs: number
  exitCode: number | string
}

export interface Soak {
  round(): Promise<Round>
  close(): Promise<void>
}

/** The listener stays open for this long after SIGTERM; what is begun in the last moment of it is not counted. */
const LINGER_MS = 1000
const MARGIN_MS = 10

/** How long the app is under load before the signal. */
const LOAD_MS = 1000

/** How long the Users API takes over some people; less than the 2 s that it is given. */
const SLOW_MS = 1200
const SLOW_PEOPLE = Array.from({ length: 6 }, (_, index) => ({
  id: `00uslow${index}`,
  login: `slow-${index}`,
}))

/** What clients ask in turn: `/lair` with a session, all else as a stranger. */
const PATHS = ['/', '/lair', '/healthz', '/assets/lair.css']

/**
 * @param command what starts the app, with settings from its environment
 * @param clients how many ask at once, besides the slow ones
 */
export async function startSoak(command: [string, ...string[]], clients = 20): Promise<Soak> {
  const usersApi = await startUsersApi()
  const lair = await startLair((okta) => ({ OKTA_ORG_URL: usersApi.url, OKTA_ISSUER: okta.issuer }))
  const [lionO] = lair.okta.people
  if (!lionO) throw new Error('no Lion-O')
  for (const { id, login } of SLOW_PEOPLE)
    lair.okta.people.push({ ...lionO, id, profile: { ...lionO.profile, login } })

  /** One sign-in each is enough: every process that has the same key accepts the session. */
  const session = async (login?: string) => {
    const { cookies } = await lair.signedIn(login)
    return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  }
  const cookie = await session()
  const slowCookies = await Promise.all(SLOW_PEOPLE.map(({ login }) => session(login)))
  usersApi.delayMs = (id) => (id.startsWith('00uslow') ? SLOW_MS : 0)
  const env = {
    ...environmentFor(lair.okta),
    OKTA_ORG_URL: usersApi.url,
    OKTA_ISSUER: lair.okta.issuer,
  }

  return {
    round: () => stopUnderLoad(run(command[0], command.slice(1), env), { cookie, slowCookies, clients }),
    async close() {
      await lair.close()
      usersApi.server.close()
    },
  }
}

async function stopUnderLoad(
  app: ReturnType<typeof run>,
  { cookie, slowCookies, clients }: { cookie: string; slowCookies: string[]; clients: number },
): Promise<Round> {
  await app.prints(/"msg":"listening"/)
  const port = Number(/"url":"http:\/\/localhost:(\d+)"/.exec(app.output())?.[1])
  const round: Round = { answeredBefore: 0, answeredAfter: 0, lost: [], exitMs: 0, exitCode: '' }
  let [signalAt, noticedAt] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]

  async function ask(
    path: string,
    agent: Agent | false,
    cookies = path === '/lair' ? cookie : '',
  ): Promise<void> {
    const begunAt = performance.now()
    const reused = agent && Object.keys(agent.freeSockets).length > 0 ? 'kept' : 'fresh'
    const problem = await statusOf({ port, path, agent, headers: { Cookie: cookies } }).then(
      ({ statusCode, headers }) => {
        const closing = begunAt > noticedAt
        if (closing && headers.connection !== 'close') return 'without Connection: close'
        const expected = path === '/readyz' && closing ? 503 : 200
        return statusCode === expected ? undefined : `${statusCode}`
      },
      (error) => `${error.code}: ${error.message}`,
    )
    const endedAt = performance.now()
    if (problem) {
      const [began, ended] = [begunAt, endedAt].map((at) => `${Math.round(at - signalAt)} ms`)
      round.lost.push(`${path} on a ${reused} connection, ${began} to ${ended} after the signal: ${problem}`)
    } else if (endedAt < signalAt) round.answeredBefore++
    else round.answeredAfter++
  }

  /** Browsers and probes: half of them keep a connection, of which some stay idle for long; half open one a request. */
  async function client(index: number): Promise<void> {
    const agent = index % 2 === 0 && new Agent({ keepAlive: true, maxSockets: 1 })
    const longestPauseMs = index % 4 === 0 ? 600 : 30
    for (let turn = index; performance.now() < signalAt + LINGER_MS - MARGIN_MS; turn++) {
      await ask(PATHS[turn % PATHS.length] ?? '/', agent)
      await pause(Math.random() * longestPauseMs)
    }
    if (agent) agent.destroy()
  }

  await ask('/lair', false) // from here on the app is warm
  const load = Array.from({ length: clients }, (_, index) => client(index))
  const slow = slowCookies.map(async (cookies, index) => {
    await pause(LOAD_MS - 900 + index * 370) // the first ones before the signal, the last one 50 ms before the end
    await ask('/lair', false, cookies)
  })
  await pause(LOAD_MS)
  signalAt = performance.now()
  app.child.kill('SIGTERM')
  await app.prints(/"msg":"closing"/)
  noticedAt = performance.now()
  await ask('/readyz', false)
  round.exitCode = await app.ended
  round.exitMs = performance.now() - signalAt
  await Promise.all([...load, ...slow])
  return round
}

/** Resolves when the whole answer is there. */
function statusOf(request: {
  port: number
  path: string
  agent: Agent | false
  headers: Record<string, string>
}): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', ...request }, (res) => {
      res
        .resume()
        .once('error', reject)
        .once('end', () => resolve(res))
    })
    asked.once('error', reject)
  })
}
