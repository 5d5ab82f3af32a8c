import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLog } from '../src/log.js'
import { MAIN } from './support/app-process.js'
import { environmentFor, type Lair, SECRET_KEY, startLair } from './support/lair.js'
import { freePort, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

const LION_O = 'lion-o@thundera.example'

let lair: Lair
beforeAll(async () => {
  lair = await startLair({ SESSION_MAX_SECONDS: '3600' })
})
afterAll(() => lair.close())

describe('[100] the log', () => {
  it('has one line for each: signed in, signed out, sign-in failed, session ended, access denied', async () => {
    const before = lair.log.length
    const visitor = await lair.signedIn()
    await visitor.ask('/')
    await visitor.ask('/logout')
    await lair.visitor().signIn('mumm-ra@thirdearth.example')
    await lair.visitor().signIn('jaga@thundera.example')
    const lines = lair.log.slice(before)
    const subject = lair.okta.people[0]?.id
    const session = expect.stringMatching(/^[\w-]{16}$/)
    const common = {
      level: 'info',
      time: expect.stringMatching(/Z$/),
      requestId: expect.any(String),
      ip: '127.0.0.1',
    }
    expect(lines).toEqual([
      { ...common, msg: 'signed in', session, subject },
      { ...common, msg: 'signed out', session, subject },
      { ...common, msg: 'sign-in failed', reason: 'not_assigned' },
      expect.objectContaining({
        level: 'info',
        msg: 'answered 403',
        code: 'not_assigned',
        method: 'GET',
        path: '/callback',
      }),
      { ...common, msg: 'signed in', session, subject: lair.okta.people[4]?.id },
      {
        ...common,
        msg: 'session ended',
        reason: 'Okta has no such user',
        session,
        subject: lair.okta.people[4]?.id,
      },
      expect.objectContaining({ msg: 'answered 403', code: 'account_not_allowed' }),
    ])
    expect(lines[0]?.session).toBe(lines[1]?.session)
  })

  it('[101] keeps line breaks and control characters of any input inside one line', async () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    log.info({ subject: 'a\r\nb\u001b[31m' }, 'x\n{"level":"fatal"}')
    expect(lines).toHaveLength(1)
    const controls = [...(lines[0] ?? '')].filter((character) => character < ' ')
    expect(controls).toEqual(['\n'])

    const before = lair.log.length
    const visitor = lair.visitor()
    await visitor.ask('/nowhere/%0d%0a%1b?x=%0d%0a%1b', { headers: { 'User-Agent': 'a\tb' } })
    await visitor.ask('/callback?error=%0d%0aevil&error_description=%1b[31m&state=%0a')
    const told = lair.log.slice(before)
    expect(told.map(({ msg }) => msg)).toEqual(['answered 404', 'answered 400'])
    for (const line of told) expect(JSON.stringify(line)).not.toMatch(/\\[nrt]|\\u001b/)
  })

  it('[101] has no character that a terminal takes as a command, though JSON lets it stand', async () => {
    const before = lair.log.length
    const iss = ['\u009b31m', '\u007f\u0080', '\u202e', '\u2066', '\u2028', ''].join('red')
    await lair.visitor().ask(`/login?iss=${encodeURIComponent(iss)}`)
    const shown = '[control]31mred[control]red[control]red[control]red[control]red'
    expect(lair.log.slice(before)).toMatchObject([{ msg: 'answered 400', reason: `"iss" is ${shown}` }])
  })

  it('[99] blanks out what somebody sends as an address of theirs', async () => {
    const proxied = await startLair({ BASE_URL: 'https://lair.example', TRUST_PROXY: '1' })
    const headers = { 'X-Forwarded-For': LION_O, 'X-Forwarded-Proto': 'https' }
    const visitor = new Visitor('https://lair.example', proxied.reach)
    expect((await visitor.ask('/lair', { method: 'head', headers })).status).toBe(401)
    expect(proxied.log.at(-1)).toMatchObject({ msg: 'answered 401', ip: '[e-mail]' })
    await proxied.close()
  })

  it('[99] of an error has a few fields by name, and no token, e-mail address or request', () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    const token = createHash('sha256').update('x').digest('hex')
    const cause = Object.assign(new Error(`no ${LION_O} with ${token}`), {
      status: 404,
      headers: { authorization: token },
    })
    log.error({ err: new Error('outer', { cause }) }, 'failed')
    const { err } = JSON.parse(lines[0] ?? '')
    expect(err).toMatchObject({
      type: 'Error',
      message: 'outer',
      cause: { status: 404, message: 'no [e-mail] with [secret]' },
    })
    expect(lines[0]).not.toContain(token)
    expect(lines[0]).not.toContain(LION_O)
  })

  it('of an error names two causes, and does not end in a circle of causes', () => {
    const lines: string[] = []
    const log = createLog({ logLevel: 'info' }, { write: (line: string) => void lines.push(line) })
    const first = new Error('first')
    first.cause = new Error('second', { cause: new Error('third', { cause: first }) })
    log.error({ err: first }, 'failed')
    const { err } = JSON.parse(lines[0] ?? '')
    expect(err.cause).toMatchObject({ message: 'second', cause: { message: 'third' } })
    expect(err.cause.cause).not.toHaveProperty('cause')
  })
})

describe('[99] secrets', () => {
  it('in a path are blanked out, and a long text costs no time', async () => {
    const jwt = `${'eyJhbGciOiJSUzI1NiJ9'.repeat(3)}.${'x'.repeat(60)}`
    await lair.visitor().ask(`/a/${LION_O}/b%40ex%C3%A4mple.de/${jwt}`)
    expect(JSON.stringify(lair.log.at(-1))).not.toMatch(/thundera|mple|eyJhbGci/)

    const log = createLog({ logLevel: 'info' }, { write: () => undefined })
    const started = performance.now()
    log.error({ err: new Error('a'.repeat(256 * 1024)) }, 'failed')
    expect(performance.now() - started).toBeLessThan(1000)
  })

  it('are in no log line, page, header or URL, also with DEBUG=* in the environment', async () => {
    const port = await freePort()
    const settings: Record<string, string> = {
      ...environmentFor(lair.okta),
      PORT: String(port),
      LOG_LEVEL: 'trace',
      DEBUG: '*',
    }
    const app = run('node', [MAIN], settings)
    await app.prints(/"msg":"listening"/)
    const url = `http://localhost:${port}`
    lair.okta.register(url)
    const seen: string[] = []
    const tokens = new Set<string>()
    const cookies = new Set<string>()
    lair.okta.rewrite = (path, body) => {
      if (path.endsWith('/token'))
        for (const name of ['id_token', 'access_token']) tokens.add(String(body[name]))
      return body
    }
    const visitor = new Visitor(url)
    const look = async (path: string, headers = {}) => {
      const page = await visitor.ask(path, { headers })
      seen.push(page.text, JSON.stringify({ ...page.headers, 'set-cookie': undefined, location: undefined }))
      return page
    }
    const callback = await visitor.untilCallback(LION_O) // with the cookie of a sign-in under way
    for (const value of visitor.cookies.values()) cookies.add(value)
    await visitor.go(callback.href)
    for (const value of visitor.cookies.values()) cookies.add(value)
    for (const path of ['/', '/nowhere', '/callback?code=x&state=y', '/logout?x']) await look(path)
    await visitor.go('/lair') // Okta still knows the person
    lair.okta.rewrite = () => ({ error: 'server_error', error_description: SECRET_KEY })
    await visitor.go('/login?prompt=login')
    lair.okta.rewrite = undefined
    await new Visitor(url).signIn('mumm-ra@thirdearth.example')
    await look('/logout')
    app.signalGroup('SIGINT')
    await app.ended
    lair.okta.register(lair.url)

    const output = app.output()
    const secrets = [
      SECRET_KEY,
      settings.OKTA_CLIENT_SECRET,
      settings.OKTA_AUTH_TOKEN,
      callback.searchParams.get('code'),
      ...cookies,
      ...tokens,
    ]
    expect(tokens.size).toBe(4)
    expect(cookies.size).toBeGreaterThan(2)
    for (const secret of secrets) {
      expect(output).not.toContain(secret)
      expect(seen.join()).not.toContain(secret)
    }
    expect(output).not.toMatch(/@thundera|code_verifier|express-openid-connect:/)
    expect(output).toContain('signed in')
  })
})
