/**
 * Compiles src/ into dist/. With --if-stale: only when dist/ is missing or older than src/, and not at all in an
 * install without TypeScript, where an existing dist/ is what was shipped.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = `${root}dist/main.js`

const tsc = compiler()
if (process.argv.includes('--if-stale') && existsSync(built)) {
  const canBuild = tsc && existsSync(`${root}src`)
  if (!canBuild || newest(`${root}src`) <= statSync(built).mtimeMs) process.exit(0)
}
if (!tsc) {
  process.stderr.write(
    'Nothing is built here and TypeScript is not installed: run npm install && npm run build.\n',
  )
  process.exit(1)
}
rmSync(`${root}dist`, { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
})
process.exit(status ?? 1)

/** @returns {string | undefined} the compiler's path, if it is installed */
function compiler() {
  try {
    return createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace('package.json', 'bin/tsc')
  } catch {
    return undefined
  }
}

/** @param {string} folder @returns {number} when its newest file was changed, in milliseconds */
function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Math.max(...files.map((file) => statSync(`${file.parentPath}/${file.name}`).mtimeMs))
}
