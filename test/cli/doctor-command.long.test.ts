import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { CHECK_NAMES } from '../../src/cli/checks/check.js'
import { expectNoSecret } from '../support/findings.js'
import { environmentFor } from '../support/lair.js'
import { ROOT, run } from '../support/process.js'

const DOCTOR = join(ROOT, 'dist/cli/doctor.js')

let okta: LocalOkta
let env: Record<string, string>
/** Has no `.env`. */
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lair-doctor-'))
  okta = await startLocalOkta()
  okta.register('http://localhost:3000')
  env = { ...environmentFor(okta), PORT: '3000' }
})
afterAll(async () => {
  rmSync(folder, { recursive: true })
  await okta.close()
})

async function doctor(settings: Record<string, string>, args: string[] = [], command = ['node', DOCTOR]) {
  const [name = '', ...before] = command
  const ran = run(name, [...before, ...args], settings, folder)
  const begun = performance.now()
  await once(ran.child, 'close') // with `exit`, some of the output may still be on its way
  const code = await ran.ended
  expectNoSecret(ran.output(), settings)
  return { code, output: ran.output(), ms: performance.now() - begun }
}

describe.concurrent('npm run doctor', () => {
  it('[138] prints a line for each check, and ends with 0 if none has failed', async () => {
    const { code, output, ms } = await doctor({ ...env, DEBUG: '*' })
    expect(code).toBe(0)
    const lines = output.trim().split('\n')
    expect(lines.map((line) => /^(?:ok|warning|unknown) ([a-z-]+): /.exec(line)?.[1])).toEqual([
      ...CHECK_NAMES,
      undefined,
    ])
    expect(lines.at(-1)).toBe('failed 0, warning 2, unknown 0, ok 16.')
    expect(ms).toBeLessThan(10_000)
  })

  it('ends with 1 if a check has failed, and says what to mend', async () => {
    const { code, output } = await doctor({ ...env, OKTA_CLIENT_SECRET: 'wrong-secret' })
    expect(code).toBe(1)
    expect(output).toMatch(/^failed client: Okta does not accept OKTA_CLIENT_SECRET.* Remedy: Compare /m)
  })

  it('without settings, one line says that npm run dev needs none', async () => {
    const { code, output } = await doctor({})
    expect(code).toBe(1)
    expect(output).toMatch(/^failed settings: .*`npm run dev` needs none.*$/m)
  })

  it('--json prints a list for programs, with the same exit code', async () => {
    const [well, ill] = await Promise.all([doctor(env, ['--json']), doctor({}, ['--json'])])
    expect([well.code, ill.code]).toEqual([0, 1])
    for (const { output } of [well, ill]) {
      const findings = JSON.parse(output) as Record<string, unknown>[]
      expect(findings.map(({ check }) => check)).toEqual([...CHECK_NAMES])
      for (const { check, status, message, detail = '', remedy = '', ...others } of findings) {
        expect(others).toEqual({})
        expect(['ok', 'warning', 'failed', 'unknown']).toContain(status)
        for (const text of [check, message, detail, remedy]) expect(text).toBeTypeOf('string')
      }
    }
  })

  it('ends with 2 and its usage if it does not know an option', async () => {
    const { code, output } = await doctor(env, ['--jsno'])
    expect(code).toBe(2)
    expect(output).toMatch(/^Usage: npm run doctor/)
  })

  it.runIf(process.platform === 'linux')('prints a table on a terminal, as wide as that is', async () => {
    const inTerminal = ['script', '-qec', `stty cols 90; exec node ${DOCTOR}`, '/dev/null']
    const { output } = await doctor(env, [], inTerminal)
    const lines = output.replaceAll('\r', '').trimEnd().split('\n')
    expect(lines[0]).toBe('ok       settings          All settings are valid')
    expect(output).toMatch(
      /^warning {2}api-credentials {3}Okta accepts OKTA_AUTH_TOKEN\r\n {27}> An API token/m,
    )
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(90)
  })
})
