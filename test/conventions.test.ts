import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { describe, expect, it } from 'vitest'
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

describe('imports', () => {
  it.each([
    ['@okta/okta-sdk-nodejs', /^src\/users\/okta\.ts$/],
    ['express-openid-connect', /^src\/auth\//],
    ['oidc-provider', /^src\/local-okta\//],
  ])('of %s are in one place', (name, place) => {
    const importers = sources.filter((file) => importsOf(file).includes(name))
    expect(importers.length).toBeGreaterThan(0)
    expect(importers.filter((file) => !place.test(file))).toEqual([])
  })

  it('never lead from the app to the local Okta', () => {
    const app = sources.filter((file) => !file.startsWith('src/local-okta/'))
    expect(app.filter((file) => ownImportsOf(file).some((name) => name.startsWith('local-okta')))).toEqual([])
  })

  it('point one way: config, failures and the user directory import nothing of ours, errors only failures', () => {
    for (const file of ['src/config.ts', 'src/okta-failure.ts', 'src/users/directory.ts']) {
      expect([file, ownImportsOf(file)]).toEqual([file, []])
    }
    expect(ownImportsOf('src/errors.ts')).toEqual(['okta-failure'])
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
    expect(readers.filter((file) => !file.startsWith('src/local-okta/'))).toEqual([
      'src/environment.ts',
      'src/forget-debug.ts',
    ])
  })
})

describe('views', () => {
  it('print nothing unescaped but their own partials', () => {
    for (const file of files('views', '.ejs')) {
      const unescaped = [...read(file).matchAll(/<%-\s*(\w+)/g)].map(([, word]) => word)
      expect([file, unescaped.filter((word) => word !== 'include')]).toEqual([file, []])
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

describe('docs/security.md', () => {
  const rows = [...read('docs/security.md').matchAll(/^\| (\d+) \| (.+?) \| (.*)\|$/gm)].map(
    ([, number, what, proof]) => ({
      number: Number(number),
      leftOut: String(what).startsWith('left out: '),
      tests: [...String(proof).matchAll(/\.\.\/(test\/[\w./-]+)/g)].map(([, file]) => String(file)),
    }),
  )

  it('has each of the 118 controls once, and at least 100 of them proven', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 118 }, (_, index) => index + 1))
    expect(rows.filter(({ leftOut }) => !leftOut).length).toBeGreaterThanOrEqual(100)
  })

  it('names tests that carry the number in a title', () => {
    for (const { number, leftOut, tests } of rows) {
      expect([number, leftOut || tests.length > 0]).toEqual([number, true])
      for (const file of tests)
        expect([number, file, read(file).includes(`[${number}]`)]).toEqual([number, file, true])
    }
  })
})
