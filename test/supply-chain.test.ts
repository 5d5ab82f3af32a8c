import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/process.js'

interface LockEntry {
  version?: string
  resolved?: string
  integrity?: string
  dev?: boolean
  optional?: boolean
  link?: boolean
  hasInstallScript?: boolean
}

const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, LockEntry>
}
const installed = Object.entries(lock.packages).filter(([path]) => path !== '')
const inProduction = installed.filter(([, { dev }]) => !dev)

describe('[109] the lock file', () => {
  it('has an integrity hash for every package and takes none from elsewhere than the registry', () => {
    expect(installed.length).toBeGreaterThan(200)
    for (const [path, { integrity, resolved, link }] of installed) {
      expect([path, integrity]).toEqual([path, expect.stringMatching(/^sha512-/)])
      // Without an address npm asks the registry that is configured; a file, a link or a repository would have one.
      expect([path, resolved, link]).toEqual([path, undefined, undefined])
    }
  })

  it('needs no install script in production', () => {
    expect(inProduction.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => path)).toEqual(
      [],
    )
  })

  it('holds no version with a known hole that a newer one closes (GHSA-w5hq-g745-h8pq: uuid below 11.1.1)', () => {
    const versions = installed
      .filter(([path]) => path.endsWith('node_modules/uuid'))
      .map(([, { version }]) => version)
    expect(new Set(versions)).toEqual(new Set(['11.1.1']))
  })

  it('[108] keeps the local Okta’s dependencies and the test tools out of production', () => {
    const names = inProduction.map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(names).toContain('express')
    for (const name of [
      'oidc-provider',
      'koa',
      '@okta/oidc-middleware',
      '@okta/jwt-verifier',
      'passport-openidconnect',
      'vitest',
      'supertest',
      'playwright-core',
      'tsx',
      'typescript',
    ]) {
      expect(names).not.toContain(name)
    }
  })
})
