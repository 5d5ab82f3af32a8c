import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../src/config.js'
import { endRuns, run } from '../support/process.js'
import { Visitor } from '../support/visitor.js'

const folder = mkdtempSync(join(tmpdir(), 'okta-'))
afterEach(endRuns)
afterAll(() => rmSync(folder, { recursive: true }))

const okta = (args: string[], env = {}) => run('npm', ['run', '--silent', 'okta', '--', ...args], env)

async function started(args: string[] = []) {
  const child = okta(['--port', '0', ...args])
  await child.prints(/\/faults\n$/)
  return { ...child, settings: parse(child.output()) }
}

describe('npm run okta', () => {
  it('prints a .env that the app accepts, answers with these credentials, and ends with Ctrl-C', async () => {
    const { settings, output, signalGroup, ended } = await started()
    const config = loadConfig({ ...settings, SECRET_KEY: 'Xk3vQ9zR7mW2pL8sT4bN6cF1hJ5dG0aY' })
    expect(config.oktaOrgUrl).toBe(settings.OKTA_ORG_URL)
    expect(settings.OKTA_ISSUER).toBe(`${settings.OKTA_ORG_URL}/oauth2/default`)
    const me = await fetch(`${settings.OKTA_ORG_URL}/api/v1/users/me`, {
      headers: { Authorization: `SSWS ${settings.OKTA_AUTH_TOKEN}` },
    })
    expect(me.status).toBe(200)
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: 'made-up',
      client_id: settings.OKTA_CLIENT_ID ?? '',
      client_secret: settings.OKTA_CLIENT_SECRET ?? '',
    })
    const token = await fetch(`${settings.OKTA_ISSUER}/v1/token`, { method: 'POST', body })
    expect(await token.json()).toMatchObject({ error: 'invalid_grant' }) // so the client is known
    signalGroup('SIGINT')
    expect(await ended).toBe(0)
    expect(output()).not.toMatch(/warn|SIGINT|node_modules/i)
  })

  it('has the URIs and the people that it is given', async () => {
    const file = join(folder, 'people.json')
    const ada = { login: 'ada@example.com', firstName: 'Ada', lastName: 'Lovelace', groups: ['Staff'] }
    writeFileSync(file, JSON.stringify({ people: [ada] }))
    const { settings } = await started(['--people', file, '--redirect-uri', 'http://localhost:7/back'])
    const query = new URLSearchParams({
      client_id: settings.OKTA_CLIENT_ID ?? '',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      redirect_uri: 'http://localhost:7/back',
    })
    const visitor = new Visitor(settings.OKTA_ORG_URL ?? '')
    const page = await visitor.go(`${settings.OKTA_ISSUER}/v1/authorize?${query}`)
    expect(page.text.match(/name="person" value="[^"]*"/g)).toEqual(['name="person" value="ada@example.com"'])
    const headers = { Authorization: `SSWS ${settings.OKTA_AUTH_TOKEN}` }
    const groups = await fetch(`${settings.OKTA_ORG_URL}/api/v1/users/ada@example.com/groups`, { headers })
    expect(await groups.json()).toMatchObject([
      { profile: { name: 'Everyone' } },
      { profile: { name: 'Staff' } },
    ])
    query.set('redirect_uri', 'http://localhost:3000/callback')
    expect((await visitor.ask(`${settings.OKTA_ISSUER}/v1/authorize?${query}`)).status).toBe(400)
  })

  it('is an org without an app and without policies with --empty', async () => {
    const { settings, output } = await started(['--empty'])
    expect(Object.keys(settings)).toEqual(['OKTA_ORG_URL', 'OKTA_AUTH_TOKEN'])
    expect(output()).toContain('it has no app')
    const headers = { Authorization: `SSWS ${settings.OKTA_AUTH_TOKEN}` }
    for (const path of ['apps', 'authorizationServers/default/policies'])
      expect(await (await fetch(`${settings.OKTA_ORG_URL}/api/v1/${path}`, { headers })).json()).toEqual([])
  })

  it('says in one line that its port is taken, with exit 1', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const port = String((taken.address() as AddressInfo).port)
    const { ended, output } = okta(['--port', port])
    expect(await ended).toBe(1)
    expect(output()).toBe(`Port ${port} is taken. Choose another one with --port.\n`)
    taken.close()
  })

  it('says in one line what is wrong with the command, with exit 2', async () => {
    const { ended, output } = okta(['--nonsense'])
    expect(await ended).toBe(2)
    expect(output()).toBe("Unknown option '--nonsense'. --help shows what there is.\n")
  })

  it('shows its options, with exit 0', async () => {
    const { ended, output } = okta(['--help'])
    expect(await ended).toBe(0)
    expect(output()).toContain('--redirect-uri URL')
  })

  it('does not run in production, and says so in one line', async () => {
    const { ended, output } = okta(['--port', '0'], { NODE_ENV: 'production' })
    expect(await ended).toBe(1)
    expect(output()).toMatch(/^The local Okta does not run in production.*\n$/)
  })
})
