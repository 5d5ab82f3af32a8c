import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../local-okta/server.js'
import { MAIN } from './support/app-process.js'
import { environmentFor } from './support/lair.js'
import { ROOT, run } from './support/process.js'
import { start } from './support/start.js'

/** Without npm, where npm makes no difference. */
const BUILT_APP = ['node', MAIN]

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
})
afterAll(() => okta.close())

const started = (changes?: Record<string, string>, command?: string[]) => start(okta, changes, command)

describe.concurrent('npm start', () => {
  it('runs from settings alone and answers', async () => {
    const { app, url } = await started()
    expect((await fetch(url)).status).toBe(200)
    expect((await fetch(`${url}/login`, { redirect: 'manual' })).status).toBe(302)
    app.signalGroup('SIGINT')
    await app.ended
  })

  it('says first what runs, and which settings it has; then where it listens; and last that it has closed', async () => {
    const BASE_URL = 'https://lair.example'
    const changes = { BASE_URL, TRUST_PROXY: '1', HOST: '127.0.0.1', USER_CACHE_SECOND: '5' }
    const { app, port } = await started(changes, BUILT_APP)
    app.signalGroup('SIGINT')
    await app.ended
    const lines = app.output().match(/^\{.*\}$/gm) ?? []
    const [first, ...others] = lines.map((line) => JSON.parse(line))
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    expect(first).toMatchObject({ msg: 'starting', version, node: process.version })
    const given = ['BASE_URL', 'PORT', 'HOST', 'TRUST_PROXY', 'SIGN_IN_LIMIT_PER_MINUTE']
    expect(first.settings).toEqual(expect.arrayContaining(given)) // a developer's .env may have others
    expect(first.settings).not.toContain('USER_CACHE_SECOND')
    expect(others.find(({ msg }) => msg === 'listening')).toMatchObject({
      url: BASE_URL,
      address: `127.0.0.1:${port}`,
    })
    expect(others.at(-1).msg).toBe('closed')
  })

  it('[103] lists all missing and malformed settings with remedies and exits 1, without values or a stack', async () => {
    const app = run('npm', ['start'], { OKTA_ORG_URL: 'bad-value', PORT: 'bad-value' })
    expect(await app.ended).toBe(1)
    for (const name of [
      'OKTA_ORG_URL',
      'OKTA_CLIENT_ID',
      'OKTA_CLIENT_SECRET',
      'OKTA_AUTH_TOKEN',
      'SECRET_KEY',
      'PORT',
    ]) {
      expect(app.output()).toContain(`  ${name} `)
    }
    expect(app.output()).not.toMatch(/bad-value|\n\s+at /)
  })

  it.each(['PORT', 'METRICS_PORT'])('says in one line that %s is taken and exits 1', async (name) => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const { port } = blocker.address() as { port: number }
    const app = run('node', [MAIN], { ...environmentFor(okta), [name]: String(port) })
    expect(await app.ended).toBe(1)
    const [first, ...others] = app.output().trim().split('\n')
    expect(first).toContain('"msg":"starting"')
    expect(others).toEqual([`Port ${port} is already in use. Stop what runs there or set ${name}.`])
    blocker.close()
  })

  it('prints no secret, also with DEBUG=* in the environment', async () => {
    const settings = environmentFor(okta)
    const { app, url } = await started({ DEBUG: '*' }, BUILT_APP)
    await fetch(`${url}/login`, { redirect: 'manual' })
    app.signalGroup('SIGINT')
    await app.ended
    for (const secret of ['SECRET_KEY', 'OKTA_CLIENT_SECRET', 'OKTA_AUTH_TOKEN']) {
      expect(app.output()).not.toContain(settings[secret])
    }
    expect(app.output()).not.toContain('express-openid-connect')
  })
})
