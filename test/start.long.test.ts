import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../local-okta/server.js'
import { MAIN } from './support/app-process.js'
import { environmentFor } from './support/lair.js'
import { freePort, ROOT, run } from './support/process.js'
import { start } from './support/start.js'
import { Visitor } from './support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
})
afterAll(() => okta.close())

describe.concurrent('npm start', () => {
  it('says in one line which part was not shipped, and starts without scripts and src', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lair-shipped-'))
    cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'))
    const start = () => run('npm', ['--silent', 'start'], { ...environmentFor(okta) }, folder)
    const expectLastLine = async (line: string) => {
      const app = start()
      expect(await app.ended).toBe(1)
      expect(app.output().trim().split('\n').at(-1)).toBe(line)
    }
    await expectLastLine('Nothing is built here: see docs/operations.md.')

    cpSync(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    for (const name of ['public', 'views']) {
      await expectLastLine(
        `${join(folder, name)} is missing. docs/operations.md says what the app needs beside dist.`,
      )
      cpSync(join(ROOT, name), join(folder, name), { recursive: true })
    }
    const app = start()
    await app.prints(/"msg":"listening"/)
    app.signalGroup('SIGINT')
    expect(await app.ended).toBe(0)
    rmSync(folder, { recursive: true })
  })

  it('loads prom-client only if METRICS_PORT is set', async () => {
    const tell = `import { createRequire } from 'node:module'
      const { cache } = createRequire('${ROOT}')
      process.on('exit', () => console.log('prom-client: ' + Object.keys(cache).some((file) => file.includes('prom-client'))))`
    const withHook = ['node', `--import=data:text/javascript,${encodeURIComponent(tell)}`, MAIN]
    for (const [changes, isLoaded] of [
      [{}, false],
      [{ METRICS_PORT: String(await freePort()) }, true],
    ] as const) {
      const { app } = await start(okta, changes, withHook)
      app.signalGroup('SIGINT')
      await app.ended
      expect(app.output()).toContain(`prom-client: ${isLoaded}`)
    }
  })

  it('sends what the build has compressed to whoever takes it', async () => {
    const { app, url } = await start(okta, {}, ['node', MAIN])
    const visitor = new Visitor(url)
    const plain = await visitor.ask('/assets/lair.css', { headers: { 'Accept-Encoding': 'identity' } })
    const small = await visitor.ask('/assets/lair.css', { headers: { 'Accept-Encoding': 'br' } })
    app.signalGroup('SIGINT')
    await app.ended
    expect([plain.headers['content-encoding'], small.headers['content-encoding']]).toEqual([undefined, 'br'])
    expect(small.headers['content-type']).toBe('text/css; charset=utf-8')
    expect(small.headers.vary).toBe('Accept-Encoding')
    expect(Number(small.headers['content-length'])).toBeLessThan(plain.text.length / 2)
    expect(small.text).toBe(plain.text)
  })

  it('names the setting that a misspelt one was meant to be, whether it starts or not', async () => {
    const stopped = run('node', ['dist/main.js'], { OKTA_ORGURL: 'bad-value' })
    expect(await stopped.ended).toBe(1)
    expect(stopped.output()).toContain('OKTA_ORGURL is not read. Is OKTA_ORG_URL meant?')
    const app = run('node', ['dist/main.js'], { ...environmentFor(okta), USER_CACHE_SECOND: '5' })
    await app.prints(/"msg":"listening"/)
    app.child.kill('SIGINT')
    await app.ended
    expect(app.output()).toMatch(/"level":"warn".*BASE_URL is not set/)
    expect(app.output()).toMatch(
      /"level":"warn".*USER_CACHE_SECOND is not read. Is USER_CACHE_SECONDS meant\?/,
    )
  })
})
