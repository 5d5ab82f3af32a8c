import { execFileSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, run } from './support/process.js'

describe.concurrent('scripts/build.js --if-stale', () => {
  const BUILT = 'console.log("what was shipped")'

  /** A folder with the build script in it and what else `contents` names. */
  function folderWith(contents: Record<string, string>): string {
    const folder = mkdtempSync(join(tmpdir(), 'lair-build-'))
    cpSync(join(ROOT, 'scripts/build.js'), join(folder, 'scripts/build.js'))
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json'])
      cpSync(join(ROOT, name), join(folder, name))
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return folder
  }
  const build = (folder: string) => run('node', ['scripts/build.js', '--if-stale'], {}, folder)

  it('says in one line what to run when there is neither dist nor TypeScript', async () => {
    const folder = folderWith({ 'src/main.ts': 'export {}' })
    const result = build(folder)
    expect(await result.ended).toBe(1)
    expect(result.output()).toBe(
      'Nothing is built here and TypeScript is not installed: run npm install && npm run build.\n',
    )
    rmSync(folder, { recursive: true })
  })

  it.each([
    ['without TypeScript', { 'src/main.ts': 'export {}', 'dist/main.js': BUILT }],
    ['without src', { 'dist/main.js': BUILT }],
  ])('leaves what was shipped %s', async (_what, contents) => {
    const folder = folderWith(contents)
    utimesSync(join(folder, 'dist/main.js'), 1, 1)
    expect(await build(folder).ended).toBe(0)
    expect(readFileSync(join(folder, 'dist/main.js'), 'utf8')).toBe(BUILT)
    rmSync(folder, { recursive: true })
  })

  it('builds when dist is older than src, and not when it is newer; and keeps the commit, if there is one', async () => {
    const folder = folderWith({ 'src/main.ts': 'export {}\n', 'dist/main.js': BUILT, '.gitignore': 'dist\n' })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    expect(await build(folder).ended).toBe(0)
    expect(readFileSync(join(folder, 'dist/main.js'), 'utf8')).toBe(BUILT)
    utimesSync(join(folder, 'dist/main.js'), 1, 1)
    expect(await build(folder).ended).toBe(0)
    expect(readFileSync(join(folder, 'dist/main.js'), 'utf8')).toBe('export {};\n')
    expect(existsSync(join(folder, 'dist/commit'))).toBe(false)

    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=-', '-c', 'user.email=-', ...args], {
        cwd: folder,
        encoding: 'utf8',
      })
    git('init', '--quiet')
    git('add', '.')
    git('commit', '--quiet', '--message', 'all')
    for (const state of ['', '-dirty']) {
      expect(await run('node', ['scripts/build.js'], {}, folder).ended).toBe(0)
      const commit = git('rev-parse', '--short=10', 'HEAD').trim()
      expect(readFileSync(join(folder, 'dist/commit'), 'utf8')).toBe(`${commit}${state}\n`)
      writeFileSync(join(folder, 'src/main.ts'), 'export const more = 1\n')
    }
    rmSync(folder, { recursive: true })
  })
})
