import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../local-okta/server.js'
import { MAIN } from './support/app-process.js'
import { environmentFor } from './support/lair.js'
import { freePort, ROOT, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

let okta: LocalOkta
beforeAll(async () => {
  okta = await startLocalOkta()
})
afterAll(() => okta.close())

describe('[104] stray configuration', () => {
  it('changes nothing: okta.yaml here and at home, OKTA_CLIENT_*, SECRET, CLIENT_ID and the like', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lair-stray-'))
    writeFileSync(
      join(folder, 'okta.yaml'),
      'okta:\n  client:\n    authorizationMode: PrivateKey\n    orgUrl: https://evil.example\n',
    )
    spawnSync('mkdir', ['-p', join(folder, '.okta')])
    writeFileSync(join(folder, '.okta/okta.yaml'), '{ not yaml')
    const port = await freePort()
    const stray = {
      HOME: folder,
      OKTA_CLIENT_AUTHORIZATIONMODE: 'PrivateKey',
      OKTA_CLIENT_ORGURL: 'https://evil.example',
      OKTA_CLIENT_TOKEN: 'evil',
      SECRET: 'evil-evil-evil',
      CLIENT_ID: 'evil',
      ISSUER_BASE_URL: 'https://evil.example',
      AUTH0_MTLS: 'true',
    }
    const app = run(
      'node',
      [join(ROOT, MAIN)],
      { ...environmentFor(okta), PORT: String(port), ...stray, OKTA_CLIENT_ID: okta.clientId },
      folder,
    )
    await app.prints(/"msg":"listening"/)
    const url = `http://localhost:${port}`
    okta.register(url)
    const page = await new Visitor(url).signIn('lion-o@thundera.example')
    app.signalGroup('SIGINT')
    await app.ended
    rmSync(folder, { recursive: true })
    expect([page.status, app.output()]).toEqual([200, expect.not.stringContaining('evil')])
  })
})
