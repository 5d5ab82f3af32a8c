/**
 * npm run smoke: installs the built app in a folder of its own, as production does: without development dependencies
 * and without install scripts. Starts it with `npm start`, and signs in against the local Okta.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLocalOkta } from '../local-okta/server.js'
import { environmentFor } from '../test/support/lair.js'
import { freePort, ROOT, run } from '../test/support/process.js'
import { Visitor } from '../test/support/visitor.js'

/** As docs/operations.md says. */
const SHIPPED = ['package.json', 'package-lock.json', 'dist', 'views', 'public']

const folder = mkdtempSync(join(tmpdir(), 'lair-production-'))
try {
  for (const name of SHIPPED) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: folder, stdio: 'inherit' })
  for (const name of ['node_modules/oidc-provider', 'node_modules/typescript', 'dist/local-okta']) {
    if (existsSync(join(folder, name))) throw new Error(`${name} has no place in production`)
  }

  const okta = await startLocalOkta()
  const port = await freePort()
  const app = run('npm', ['start'], { ...environmentFor(okta), PORT: String(port) }, folder)
  await app.prints(/"msg":"listening"/)
  const url = `http://localhost:${port}`
  okta.register(url)
  const doctor = run('npm', ['run', 'doctor'], { ...environmentFor(okta), PORT: String(port) }, folder)
  if ((await doctor.ended) !== 0) throw new Error(`npm run doctor:\n${doctor.output()}`)
  const visitor = new Visitor(url)
  const lair = await visitor.signIn('lion-o@thundera.example')
  if (lair.status !== 200 || !lair.text.includes('As Okta knows you'))
    throw new Error(`The lair: ${lair.status}`)
  const landing = await visitor.go('/logout')
  if (landing.url !== `${url}/`) throw new Error(`Signing out ended at ${landing.url}`)
  app.child.kill('SIGTERM')
  const code = await app.ended
  if (code !== 0) throw new Error(`npm start ended with ${code}:\n${app.output()}`)
  await okta.close()
  process.stdout.write('The production install signs in, signs out and stops cleanly.\n')
} finally {
  rmSync(folder, { recursive: true, force: true })
}
