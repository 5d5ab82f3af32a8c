import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/process.js'

describe('views', () => {
  it.each(['landing', 'lair'])('of the %s page need what the bench gives them', async (page) => {
    const bench = await import(/* @vite-ignore */ join(ROOT, 'bench/contestants/page.js'))
    const given = page === 'landing' ? bench.LANDING : bench.lair(bench.userFrom({}))
    const [, names = ''] =
      /^<% const \{ (.*) \} = locals/.exec(readFileSync(join(ROOT, `views/${page}.ejs`), 'utf8')) ?? []
    expect(
      names
        .split(', ')
        .filter((name) => name !== 'asset')
        .sort(),
    ).toEqual(Object.keys(given).sort())
  })
})
