/** Runs once, before the tests that start processes: builds the app, and says which programs are missing. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { findChromium } from './chromium.js'
import { findNginx } from './nginx.js'
import { ROOT } from './process.js'
import { findRedis } from './redis-server.js'

export function setup({ name }: TestProject): void {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.js')], { stdio: 'inherit' })
  expectProgram('Browser', findChromium(), 'no Chromium found (install one or set CHROMIUM_PATH)')
  expectProgram('redis', findRedis(), 'no redis-server or valkey-server found')
  if (name === 'long') expectProgram('nginx', findNginx(), 'no nginx found, or no openssl')
}

/** With `REQUIRE_BROWSER=1` or `REQUIRE_NGINX=1`, as in `.ci/run`, a missing program is an error. */
function expectProgram(kind: string, found: string | undefined, missing: string): void {
  if (found) return
  const required = `REQUIRE_${kind.toUpperCase()}`
  if (process.env[required] === '1') throw new Error(`${required}=1, and ${missing}`)
  process.stdout.write(`${kind} tests skipped: ${missing}.\n`)
}
