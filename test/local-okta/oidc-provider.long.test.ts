import { expect, it } from 'vitest'
import { run } from '../support/process.js'

/** Runs a script as on a runtime that oidc-provider does not support. @returns what it prints */
async function printedBy(script: string): Promise<string> {
  const unsupported = "Object.defineProperty(process.release, 'lts', { value: undefined })"
  const arguments_ = ['--import', 'tsx', '--input-type=module', '--eval', `${unsupported}\n${script}`]
  const { ended, output } = run(process.execPath, arguments_)
  expect(await ended).toBe(0)
  return output()
}

it('the local Okta prints nothing about the runtime', async () => {
  expect(await printedBy("await import('oidc-provider')")).toContain('Unsupported runtime')
  expect(await printedBy("await import('./local-okta/server.ts')")).toBe('')
})

it('every other warning is printed, meanwhile and afterwards', async () => {
  const warning = 'oidc-provider WARNING: something else'
  const warnings = await printedBy(`
    let current = console.warn
    const set = (next) => {
      current = next
      next('${warning}, meanwhile')
    }
    Object.defineProperty(console, 'warn', { get: () => current, set })
    console.warn = current
    await import('./local-okta/oidc-provider.ts')
    console.warn('${warning}, afterwards')`)
  const meanwhile = Array(3).fill(`${warning}, meanwhile`) // set here, then by the local Okta, then set back
  expect(warnings.trim().split('\n')).toEqual([...meanwhile, `${warning}, afterwards`])
})
