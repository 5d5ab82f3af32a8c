/** Runs once, before the tests that start processes: builds the app, and says if there is no browser. */
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { findChromium } from './chromium.js'
import { ROOT } from './process.js'

export function setup(): void {
  execFileSync(process.execPath, [join(ROOT, 'scripts/build.js')], { stdio: 'inherit' })
  if (findChromium()) return
  if (process.env.REQUIRE_BROWSER === '1') throw new Error('REQUIRE_BROWSER=1, and no Chromium was found')
  process.stdout.write('Browser tests skipped: no Chromium found (install one or set CHROMIUM_PATH).\n')
}
