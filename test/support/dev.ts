/** A copy of the project in which a test may change files and use git, and `npm run dev` in it. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT, type Run, run } from './process.js'

const PARTS = [
  'package.json',
  'tsconfig.json',
  'src',
  'local-okta',
  'development',
  'views',
  'public',
  'scripts',
]

/** A complete `.env`, without PORT. */
export const OWN_ORG = `OKTA_ORG_URL=https://dev-123456.okta.com
OKTA_CLIENT_ID=0oa1
OKTA_CLIENT_SECRET=secret
OKTA_AUTH_TOKEN=token
SECRET_KEY=a-secret-key-for-tests-that-is-long-enough
`

export function createCheckout() {
  const folder = mkdtempSync(join(tmpdir(), 'lair-'))
  for (const name of PARTS) cpSync(join(ROOT, name), join(folder, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  writeFileSync(join(folder, '.gitignore'), 'node_modules\n.env\n')
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  const write = (file: string, text: string) => writeFileSync(join(folder, file), text)

  return {
    folder,
    write,
    edit: (file: string, from: string | RegExp, to: string) => write(file, read(file).replace(from, to)),
    append: (file: string, text: string) => write(file, read(file) + text),
    remove: (file: string) => rmSync(join(folder, file), { recursive: true, force: true }),
    git: (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=-', '-c', 'user.email=-', ...args], {
        cwd: folder,
        stdio: 'pipe',
      }),
    /** As `npm run dev` does, at half the price. */
    dev: (env: Record<string, string> = {}) =>
      run('node', ['--import', 'tsx', 'scripts/dev.ts'], env, folder),
  }
}

export const READY = /^ {2}.+ (http:\/\/localhost:\d+) \(ready/m

/** What the banner says. */
export const urlOf = (app: Run) => READY.exec(app.output())?.[1] ?? ''
export const oktaPortOf = (app: Run) => Number(/Okta +http:\/\/localhost:(\d+)/.exec(app.output())?.[1])

/** Acts, waits for the line of one more restart, and returns what that line says has changed. */
export async function restartAfter(app: Run, act: () => unknown): Promise<string | undefined> {
  const changes = () => [...app.output().matchAll(/^Restarted in \d+\.\d s \((.*) changed\)\.\n/gm)]
  const before = changes().length
  act()
  await app.prints(new RegExp(`(^Restarted in [\\s\\S]*?\\.\\n[\\s\\S]*?){${before + 1}}`, 'm'))
  return changes()[before]?.[1]
}

/** Listens on a port, unless another program of this machine does. In both cases the port is taken. */
export async function take(port: number) {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening').catch(() => undefined)
  return { port: (server.address() as AddressInfo | null)?.port ?? port, free: () => server.close() }
}
