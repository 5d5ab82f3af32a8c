/** What must hold for hostile input. The tests try a little input, and `npm run fuzz` tries a lot. */
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Request } from 'express'
import { returnPath } from '../../src/sign-in/return-path.js'
import { SITE } from '../../src/site.js'
import { cookieNamed, cookiesOf } from '../../src/web/cookies.js'
import { cookieHeaders, httpRequests, profiles, redirectTargets } from './generators.js'
import { elements, textOf } from './html.js'
import type { Lair } from './lair.js'

/** @throws {Error} a target leads to another origin than ours; names the first */
export function fuzzRedirects(count: number, seed: number): void {
  const base = 'https://lair.example.com'
  for (const target of redirectTargets(count, seed)) {
    const path = returnPath(target, base)
    const { origin } = new URL(path, `${base}/callback`)
    if (origin !== base || path.length > 2000) throw new Error(`${JSON.stringify(target)} leads to ${path}`)
  }
}

/** @throws {Error} the app reads a `Cookie` header otherwise than it should; names the first */
export function fuzzCookies(count: number, seed: number): void {
  for (const { header, isOurs } of cookieHeaders(count, seed)) {
    const cookies = cookiesOf({ headers: { cookie: header } } as Request)
    if ((cookieNamed(cookies, `__Host-${SITE.slug}`) !== undefined) !== isOurs)
      throw new Error(`${JSON.stringify(header)} is ${isOurs ? 'not ' : ''}taken for ours`)
  }
}

/** The default. After this time the app asks Okta again. */
const USER_CACHE_SECONDS = 60

/** @throws {Error} a profile adds an element to a page, or is not shown as it is; names the first */
export async function fuzzProfiles(lair: Lair, count: number, seed: number): Promise<void> {
  const visitor = await lair.signedIn()
  const person = lair.okta.people.find(({ profile }) => profile.login === 'lion-o@thundera.example')
  if (!person) throw new Error('no Lion-O')
  const own = person.profile
  const paths = ['/', '/lair', '/session'] as const
  const shapes = Object.fromEntries(paths.map((path) => [path, new Set<string>()]))
  let turn = 0
  for (const profile of profiles(count, seed)) {
    person.profile = profile as typeof person.profile
    lair.pass(USER_CACHE_SECONDS)
    const path = String(paths[turn++ % paths.length])
    const { status, text } = await visitor.ask(path)
    if (status !== 200) throw new Error(`${JSON.stringify(profile)} made ${path} answer ${status}`)
    const found = elements(text)
    const shape = shapes[path] as Set<string>
    shape.add(
      found
        .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))
        .join('\n')
        .replaceAll('\nspan class', ''),
    )
    if (shape.size > 1) throw new Error(`${JSON.stringify(profile)} changed the structure of ${path}`)
    const email = found.filter(({ tagName }) => tagName === 'dd')[2]
    const given = typeof profile.email === 'string' ? asParsed(profile.email) : ''
    if (email && given !== '' && asParsed(textOf(email)) !== given) {
      throw new Error(`${JSON.stringify(profile.email)} is shown as ${JSON.stringify(textOf(email))}`)
    }
  }
  person.profile = own
  await lair.restart() // by the clock that was moved, all that the app knows of Okta is too old now
}

/** A text as an HTML parser leaves it: without NUL, with one kind of line end, without half characters. */
function asParsed(text: string): string {
  return Buffer.from(text)
    .toString()
    .replaceAll('\0', '')
    .replaceAll('\ufffd', '')
    .replace(/\r\n?/g, '\n')
    .trim()
}

/**
 * @returns how often the app gave each status (0: it closed the connection without an answer)
 * @throws {Error} the app answers with a 5xx, or redirects neither to itself nor to Okta; names the request
 */
export async function fuzzHttp(lair: Lair, count: number, seed: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>()
  const requests = httpRequests(count, seed)
  const worker = async () => {
    for (const raw of requests) {
      const answer = await exchange(Number(new URL(lair.reach).port), raw)
      const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      const [head = ''] = answer.split('\r\n\r\n')
      if (status >= 500 && !(status === 503 && /^retry-after:/im.test(head))) throw finding(raw, status)
      const location = /^location: (.*)$/im.exec(head)?.[1]
      if (location !== undefined && !staysHome(location, lair)) throw finding(raw, location)
    }
  }
  await Promise.all(Array.from({ length: 16 }, worker))
  return statuses
}

function finding(raw: string, what: unknown): Error {
  return new Error(`${JSON.stringify(raw)} was answered with ${what}`)
}

function staysHome(location: string, lair: Lair): boolean {
  const url = new URL(location, `${lair.url}/`)
  if (url.origin === lair.url) return true
  if (url.origin !== lair.okta.orgUrl) return false
  const state = url.searchParams.get('state') ?? ''
  const { returnTo } = JSON.parse(Buffer.from(state, 'base64url').toString()) as { returnTo: string }
  return new URL(returnTo, `${lair.url}/callback`).origin === lair.url
}

/** Sends bytes, and reads until the app closes the connection or sends nothing for 300 ms. */
async function exchange(port: number, raw: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setTimeout(300, () => socket.destroy())
  socket.on('data', (chunk) => (answer += chunk)).on('error', () => undefined)
  socket.write(raw, 'latin1')
  await once(socket, 'close')
  return answer
}
