import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { loadConfig } from '../../src/config.js'
import { SITE } from '../../src/site.js'
import { run } from '../support/process.js'
import { everythingIn } from '../support/set-up.js'

let okta: LocalOkta
let folder: string
let file: string
beforeAll(async () => {
  okta = await startLocalOkta({ empty: true })
  folder = mkdtempSync(join(tmpdir(), 'set-up-'))
  file = join(folder, '.env')
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await okta.close()
})

async function command(...options: string[]) {
  const command = run('npm', ['run', '--silent', 'okta:setup', '--', '--env-file', file, ...options])
  command.child.stdin?.end()
  return { code: await command.ended, output: command.output() }
}
const settings = () => parse(readFileSync(file))

describe('npm run okta:setup', () => {
  it('[137] makes an org ready in 5 s, and leaves no administrator’s token and no other reader', async () => {
    writeFileSync(file, `# mine\nOKTA_ORG_URL=${okta.orgUrl}\nOKTA_AUTH_TOKEN=${okta.apiToken}\nMINE=1\n`)
    const begun = performance.now()
    const { code, output } = await command()
    expect([code, output]).toEqual([0, expect.stringContaining(`app: created, ${SITE.name}, 0oa`)])
    expect(performance.now() - begun).toBeLessThan(5000)
    expect(output).toMatch(/second factor[\s\S]*Delete the API token[\s\S]*npm run dev$/m)
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^# mine\n[\s\S]*^MINE=1$/m)
    expect(text).not.toContain(okta.apiToken)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { oktaApiClientId, oktaClientSecret } = loadConfig(settings())
    expect(oktaApiClientId).toMatch(/^0oa/)
    expect(output).not.toContain(oktaClientSecret)
    for (const name of ['OKTA_API_PRIVATE_KEY', 'SECRET_KEY']) expect(output).not.toContain(settings()[name])
  })

  it('writes nothing the second time', async () => {
    const [before, apps] = [statSync(file), await everythingIn(okta)]
    const { code, output } = await command('--token', okta.apiToken, '--json')
    expect(code).toBe(0)
    const { steps, env } = JSON.parse(output.slice(output.indexOf('{"steps"')).split('\n')[0] ?? '')
    expect(steps.map(({ action }: { action: string }) => action)).toEqual(Array(5).fill('unchanged'))
    expect([env, statSync(file).ino, statSync(file).mtimeMs]).toEqual([file, before.ino, before.mtimeMs])
    expect(await everythingIn(okta)).toEqual(apps)
  })

  it('keeps a setting that has another value, unless --force says so, and shows no secret', async () => {
    const right = settings()
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace(/^OKTA_CLIENT_SECRET=.*$/m, 'OKTA_CLIENT_SECRET=of-mine'),
    )
    const kept = await command('--token', okta.apiToken)
    expect([kept.code, settings().OKTA_CLIENT_SECRET]).toEqual([0, 'of-mine'])
    expect(kept.output).toContain('OKTA_CLIENT_SECRET: (a secret) becomes (a secret)')
    expect(kept.output).not.toContain(String(right.OKTA_CLIENT_SECRET))
    await command('--token', okta.apiToken, '--force')
    expect(settings()).toEqual(right)
  })

  it('writes the API token only with --keep-token', async () => {
    await command('--token', okta.apiToken, '--api-token-only', '--keep-token')
    expect(settings().OKTA_AUTH_TOKEN).toBe(okta.apiToken)
  })

  it('takes no placeholder of .env.example for a value', async () => {
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, 'OKTA_ORG_URL=https://{yourOktaDomain}\nOKTA_AUTH_TOKEN={yourApiToken}\n')
    expect(await command()).toEqual({ code: 2, output: '--org-url is missing. See --help\n' })
    writeFileSync(file, text)
  })

  it('--undo asks first, and cannot ask here', async () => {
    expect(await command('--token', okta.apiToken, '--undo')).toEqual({
      code: 2,
      output: '--undo deletes apps. Add --yes\n',
    })
    expect((await command('--token', okta.apiToken, '--undo', '--yes')).code).toBe(0)
    expect((await everythingIn(okta)).labels).toEqual([])
    expect(settings()).not.toHaveProperty('OKTA_CLIENT_ID')
    expect(settings().MINE).toBe('1')
  })

  it('says that the settings cannot be written before it changes anything in the org', async () => {
    const path = join(folder, 'no-such-folder', '.env')
    const { code, output } = await command(
      '--org-url',
      okta.orgUrl,
      '--token',
      okta.apiToken,
      '--env-file',
      path,
    )
    expect([code, output]).toEqual([1, expect.stringContaining('cannot be written (ENOENT)')])
    expect((await everythingIn(okta)).labels).toEqual([])
  })

  it('leads to docs/operations.md, not to `npm run dev`, if the settings are for another file than .env', async () => {
    const options = ['--org-url', okta.orgUrl, '--token', okta.apiToken]
    const target = ['--env-file', join(folder, 'production.env')]
    expect((await command(...options, ...target)).output).toMatch(/^Next: docs\/operations\.md/m)
    await command(...options, ...target, '--undo', '--yes')
  })

  it('says so if nothing is left to read users with', async () => {
    rmSync(file)
    const { code, output } = await command(
      '--org-url',
      okta.orgUrl,
      '--token',
      okta.apiToken,
      '--api-token-only',
    )
    expect([code, output]).toEqual([1, expect.stringContaining('OKTA_AUTH_TOKEN')])
  })

  it.each([
    [['00aTokenWithoutItsOption'], 2, 'A value has no option before it. See --help'],
    [['--token', 'x', '--org-url', 'http://example.com'], 2, '--org-url must use https://'],
    [['--token', 'two words', '--org-url', 'http://localhost:1'], 2, '--token contains a space'],
    [['--bogus'], 2, 'Unknown option'],
    [['--token', 'x', '--org-url', 'http://localhost:1'], 1, 'Okta cannot be reached'],
    [['--token', 'wrong', '--json'], 1, '"code":"E0000011"'],
  ])('%j ends with %i and says why', async (options, code, reason) => {
    const ended = await command(...options)
    expect(ended).toEqual({ code, output: expect.stringContaining(reason) })
    expect(ended.output).not.toContain('00aTokenWithoutItsOption')
  })
})
