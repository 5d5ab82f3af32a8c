/**
 * Compiles src/ into dist/ and compresses public/ into dist/assets/. In a git clone, dist/commit has the commit. With
 * --if-stale it builds only if dist/ is missing or older than src/ or public/. Without TypeScript, as in a production
 * install, it keeps the dist/ that it finds.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync } from 'node:zlib'

const root = fileURLToPath(new URL('..', import.meta.url))
const built = `${root}dist/main.js`

const tsc = compiler()
if (process.argv.includes('--if-stale') && existsSync(built)) {
  const canBuild = tsc && existsSync(`${root}src`)
  const sources = [`${root}src`, `${root}public`].filter((folder) => existsSync(folder))
  if (!canBuild || Math.max(...sources.map(newest)) <= statSync(built).mtimeMs) process.exit(0)
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
if (status !== 0) process.exit(status ?? 1)
mkdirSync(`${root}dist/assets`)
for (const name of existsSync(`${root}public`) ? readdirSync(`${root}public`) : []) {
  if (name.endsWith('.woff2')) continue // compressed already
  const content = readFileSync(`${root}public/${name}`)
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 10) // as in src/web/assets.ts
  writeFileSync(`${root}dist/assets/${name}.${digest}.br`, brotliCompressSync(content))
}

const commit = commitHere()
if (commit) writeFileSync(`${root}dist/commit`, `${commit}\n`)

/** @returns {string | undefined} the commit that git has checked out here; not that of a repository further up */
function commitHere() {
  if (!existsSync(`${root}.git`)) return undefined
  const describe = ['describe', '--always', '--dirty', '--abbrev=10', '--exclude=*'] // a tag may move: no names
  const { status, stdout } = spawnSync('git', describe, { cwd: root, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

/** @returns {string | undefined} the path of the TypeScript compiler, if it is installed */
function compiler() {
  try {
    return createRequire(import.meta.url)
      .resolve('typescript/package.json')
      .replace('package.json', 'bin/tsc')
  } catch {
    return undefined
  }
}

/** @param {string} folder @returns {number} when the newest file in it was changed, in milliseconds since the epoch */
function newest(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Math.max(...files.map((file) => statSync(`${file.parentPath}/${file.name}`).mtimeMs))
}
