import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { watchFiles } from '../../scripts/dev/files.js'
import { ROOT } from '../support/process.js'

/** A project with a git repository: on the branch `other` a file differs, `without` lacks a folder. */
let project: string
let reports: string[][]
let unwatch: () => void

const shell = (command: string) => promisify(execFile)('sh', ['-ec', command], { cwd: project })

beforeEach(async () => {
  project = join(mkdtempSync(join(tmpdir(), 'lair-')), '/')
  for (const name of ['src', 'views']) cpSync(join(ROOT, name), join(project, name), { recursive: true })
  await shell(`
    git init -q -b main; git config user.name -; git config user.email -
    git add .; git commit -qm -
    git checkout -qb other; echo // >> src/app.ts; git commit -qam -
    git checkout -qb without main; git rm -rq src/pages; git commit -qm -
    git checkout -q main
  `)
  reports = []
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  unwatch = watchFiles(project, ['src', '.env'], (files) => reports.push(files))
})
afterEach(() => {
  unwatch()
  rmSync(project, { recursive: true, force: true })
})

/** The watch looks for changes once. */
const look = () => vi.advanceTimersByTime(100)

/** What the watch reports after a command: it looks twice, to see that the files are quiet. */
async function reportsAfter(command: string): Promise<string[][]> {
  reports = []
  await shell(command)
  look()
  expect(reports).toEqual([])
  look()
  return reports
}

describe('the watch of npm run dev', () => {
  it('sees again and again what git and a formatter replace', async () => {
    for (let round = 0; round < 3; round++) {
      for (const command of [
        'git checkout -q other',
        'git checkout -q main',
        'echo // >> src/app.ts',
        'git stash -q',
        'git stash pop -q',
        'git checkout -q .',
        'cp src/app.ts formatted; mv formatted src/app.ts',
        'cp -p src/app.ts formatted; mv formatted src/app.ts',
      ])
        expect([command, await reportsAfter(command)]).toEqual([command, [['src/app.ts']]])
    }
  })

  it('sees files in a folder that git has removed and made again, however fast', async () => {
    for (const looks of [0, 1, 2]) {
      for (const branch of ['without', 'main', 'without', 'main']) {
        await shell(`git checkout -q ${branch}`)
        for (let count = 0; count < looks; count++) look()
      }
      for (let count = 0; count < 2; count++) look()
      expect(await reportsAfter('echo // >> src/pages/lair.ts')).toEqual([['src/pages/lair.ts']])
      await shell('git checkout -q .')
    }
  })

  it('sees new and deleted files, also in new folders, and a .env that comes, changes and goes', async () => {
    expect(await reportsAfter('mkdir -p src/a/b; echo > src/a/b/new.ts')).toEqual([['src/a/b/new.ts']])
    expect(await reportsAfter('rm -r src/a')).toEqual([['src/a/b/new.ts']])
    for (const command of ['echo PORT=1 > .env', 'echo PORT=22 > .env', 'rm .env'])
      expect([command, await reportsAfter(command)]).toEqual([command, [['.env']]])
  })

  it('reports neither views, nor what editors leave beside a file, nor a file that came and went', async () => {
    const beside = 'echo >> views/lair.ejs; echo > src/.app.ts.swp; echo > src/app.ts~; echo > src/4913'
    await shell(beside)
    look()
    await shell('rm src/4913')
    for (let count = 0; count < 3; count++) look()
    expect(reports).toEqual([])
  })

  it('reports many files at once, when they are quiet', async () => {
    await shell('echo // >> src/app.ts')
    look()
    await shell('rm src/server.ts')
    look()
    const last = await reportsAfter('echo > src/new.ts')
    expect(last.map((files) => files.sort())).toEqual([['src/app.ts', 'src/new.ts', 'src/server.ts']])
  })
})
