/** Makes many sessions, and asks for pages with all of them. */
import { hkdfSync } from 'node:crypto'
import { Agent, get, type IncomingMessage } from 'node:http'
import { SITE } from '../../src/site.js'
import { type Lair, SECRET_KEY } from './lair.js'

export interface Answer {
  status: number
  headers: IncomingMessage['headers']
  text: string
  ms: number
}

/** Signs a person in `count` times. Okta's own session makes this fast. @returns the `Cookie` header of each session */
export async function manySessions(lair: Lair, login: string, count: number): Promise<string[]> {
  const visitor = await lair.signedIn(login)
  const sessions = [`${SITE.slug}=${visitor.cookies.get(SITE.slug)}`]
  while (sessions.length < count) {
    visitor.cookies.delete(SITE.slug)
    await visitor.go('/login')
    sessions.push(`${SITE.slug}=${visitor.cookies.get(SITE.slug)}`)
  }
  return sessions
}

type Issuer = { issuer: string; clientId: string }

/** Asks for `path` with each of the cookies, in order, `atOnce` at a time. */
export async function askForAll(
  lair: Pick<Lair, 'reach'>,
  path: string,
  cookies: string[],
  atOnce = 5,
): Promise<Answer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
  const answers: Answer[] = []
  let next = 0
  const client = async () => {
    for (let turn = next++; turn < cookies.length; turn = next++) {
      answers[turn] = await ask(`${lair.reach}${path}`, cookies[turn] ?? '', agent)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, client))
  agent.destroy()
  return answers
}

function ask(url: string, cookie: string, agent: Agent): Promise<Answer> {
  const begun = performance.now()
  return new Promise((resolve, reject) => {
    const call = get(url, { agent, headers: { Accept: 'text/html', Cookie: cookie } }, (res) => {
      let text = ''
      res.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      res.once('end', () => {
        resolve({ status: res.statusCode ?? 0, headers: res.headers, text, ms: performance.now() - begun })
      })
    })
    call.once('error', reject)
  })
}

/** The secret with which the app at `url` makes its cookies, as in src/sessions/sealing.ts. */
export function cookieSecret(app: { okta: Issuer; url: string }, secretKey = SECRET_KEY): string {
  const { issuer, clientId } = app.okta
  const purpose = `cookies of ${JSON.stringify([issuer, clientId, app.url])}`
  return Buffer.from(hkdfSync('sha256', secretKey, '', purpose, 32)).toString('base64url')
}
