import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECK_NAMES } from '../src/cli/checks/check.js'
import { SETTINGS } from '../src/settings.js'
import { SITE } from '../src/site.js'
import { ROOT } from './support/process.js'

function files(folder: string, ending: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
}

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const sources = files('src', '.ts').filter((file) => !file.endsWith('.d.ts'))
const importsOf = (file: string) =>
  [...read(file).matchAll(/(?:from|import\() ?'([^']+)'|^import '([^']+)'/gm)].map((m) =>
    String(m[1] ?? m[2]),
  )

/** Imports of our own, as paths below `src/` without their ending. */
const ownImportsOf = (file: string) =>
  importsOf(file)
    .filter((name) => name.startsWith('.'))
    .map((name) =>
      posix
        .join(dirname(file), name)
        .replace(/^src\//, '')
        .replace(/\.js$/, ''),
    )

/** From the top floor down. Imports lead to lower floors, or stay in their room. */
const FLOORS = [
  ['main', 'cli'],
  ['process'],
  ['server'],
  ['app', 'metrics'],
  ['redis'],
  ['stores'],
  ['pages', 'sign-in', 'users'],
  ['sessions', 'okta'],
  ['web'],
  ['log'],
  ['config', 'forget-debug', 'build-info', 'bounded-map'],
  ['settings'],
  ['secret-keys'],
  ['setting-names', 'setting-values', 'site'],
]
const roomOf = (name: string) => name.replace(/\/.*/, '')
const floorOf = (name: string) => FLOORS.findIndex((rooms) => rooms.includes(roomOf(name)))

describe('imports', () => {
  it.each([
    ['@okta/okta-sdk-nodejs', 'src/users/okta-users.ts'],
    ['express-openid-connect', 'src/sign-in/openid-connect.ts'],
    ['ejs', 'src/web/templates.ts'],
    ['dotenv', 'src/config.ts'],
    ['lru-cache', 'src/bounded-map.ts'],
    ['prom-client', 'src/metrics.ts'],
  ])('of %s are in one file', (name, place) => {
    expect(sources.filter((file) => importsOf(file).includes(name))).toEqual([place])
  })

  it('never lead from the app to the local Okta', () => {
    for (const file of sources)
      expect([file, ownImportsOf(file).filter((name) => name.includes('local-okta'))]).toEqual([file, []])
  })

  it('lead down, floor by floor, or stay in their room', () => {
    for (const file of sources) {
      const name = file.replace(/^src\//, '').replace(/\.ts$/, '')
      expect([name, floorOf(name)]).not.toEqual([name, -1])
      const up = ownImportsOf(file).filter(
        (other) => roomOf(other) !== roomOf(name) && floorOf(other) <= floorOf(name),
      )
      expect([name, up]).toEqual([name, []])
    }
  })

  it('have no cycles', () => {
    const visit = (name: string, path: string[]): void => {
      if (path.includes(name)) throw new Error(`A cycle: ${[...path, name].join(' > ')}`)
      for (const next of ownImportsOf(`src/${name}.ts`)) visit(next, [...path, name])
    }
    for (const file of sources) visit(file.replace(/^src\//, '').replace(/\.ts$/, ''), [])
  })
})

describe('the environment', () => {
  it('is read in few places, so that no library and no file decides behind our back', () => {
    const readers = sources.filter((file) => read(file).includes('process.env'))
    expect(readers).toEqual(['src/config.ts', 'src/forget-debug.ts'])
  })
})

describe('the table of settings', () => {
  const settings = Object.values(SETTINGS)

  it('is what .env.example names, with the defaults that are plain values', () => {
    const lines = read('.env.example').split('\n')
    const assignments = lines.flatMap((line) => /^(?:# ?)?([A-Z][A-Z_]*)=/.exec(line)?.[1] ?? [])
    expect(assignments.sort()).toEqual(settings.map(({ name }) => name).sort())
    const plain = settings.filter((setting) => /^(\d+|info)$/.test(setting.default))
    expect(plain.length).toBeGreaterThanOrEqual(7)
    for (const { name, default: value } of plain) expect(lines).toContain(`# ${name}=${value}`)
  })

  it('is the table in README', () => {
    const rows = [...read('README.md').matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \| (.+) \| (.+) \|$/gm)]
    const documented = rows.flatMap(([, names, doc, value]) =>
      [...String(names).matchAll(/[A-Z_]+/g)].map(([name]) => ({ name, doc, default: value })),
    )
    expect(documented).toEqual(
      settings.map(({ name, doc, default: value }) => ({ name, doc, default: value })),
    )
  })
})

describe('src/site.ts', () => {
  it('has the colours of the paper in public/lair.css, by day and by night', () => {
    const papers = [...read('public/lair.css').matchAll(/--paper: (.+);/g)].map(([, color]) => color)
    expect(Object.values(SITE.themeColor)).toEqual(papers)
  })

  it('has a short name that can begin the name of a cookie', () => {
    expect(SITE.slug).toMatch(/^[a-z\d-]+$/)
  })
})

describe('docs/doctor.md', () => {
  it('lists the checks of the doctor, in their order', () => {
    const documented = [...read('docs/doctor.md').matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, name]) => name)
    expect(documented).toEqual([...CHECK_NAMES])
  })
})

describe('views', () => {
  it('print nothing unescaped but their own partials', () => {
    for (const file of files('views', '.ejs')) {
      const unescaped = [...read(file).matchAll(/<%-\s*(\w+)/g)].map(([, word]) => word)
      expect([file, unescaped.filter((word) => word !== 'partial')]).toEqual([file, []])
    }
  })

  it('quote every attribute that carries a value', () => {
    for (const file of files('views', '.ejs')) expect(read(file)).not.toMatch(/=<%=/)
  })
})

describe('package.json', () => {
  it('pins every version exactly', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json'))
    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    }
  })
})
