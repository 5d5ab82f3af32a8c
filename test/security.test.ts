import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from './support/process.js'
import { titlesIn } from './support/titles.js'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')

describe('docs/security.md', () => {
  const rows = [...read('docs/security.md').matchAll(/^\| (\d+) \| (.+?) \| (.*)\|$/gm)].map(
    ([, number, what, proof]) => ({
      number: Number(number),
      leftOut: String(what).startsWith('left out: '),
      tests: [...String(proof).matchAll(/\.\.\/(test\/[\w./-]+)/g)].map(([, file]) => String(file)),
    }),
  )

  it('has each of the 118 controls once, and at least 100 of them proven', () => {
    const numbers = rows.map(({ number }) => number)
    expect(numbers.filter((number) => number <= 118)).toEqual(Array.from({ length: 118 }, (_, n) => n + 1))
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(rows.filter(({ leftOut }) => !leftOut).length).toBeGreaterThanOrEqual(100)
  })

  it('says how many there are, and how many are proven', () => {
    const proven = rows.filter(({ leftOut }) => !leftOut).length
    const summary = `${proven} of the ${rows.length} controls above are tested; ${rows.length - proven} are left out`
    expect(read('docs/security.md')).toContain(summary)
  })

  it('proves the rows about IPSIE with controls that are proven', () => {
    const [, about = ''] = read('docs/security.md').split('## IPSIE')
    const proofs = [...about.matchAll(/^\| [^|]+ \| [^|]+ \| ([\d, ]+) \|$/gm)].map(([, numbers]) => numbers)
    expect(proofs.length).toBeGreaterThan(15)
    const named = new Set(proofs.flatMap((numbers) => numbers?.split(', ').map(Number)))
    const proven = new Set(rows.filter(({ leftOut }) => !leftOut).map(({ number }) => number))
    expect([...named].filter((number) => !proven.has(Number(number)))).toEqual([])
  })

  it('names tests that carry the number in a title', () => {
    const named = new Set(rows.flatMap(({ tests }) => tests))
    const titles = new Map([...named].map((file) => [file, titlesIn(join(ROOT, file))]))
    for (const { number, leftOut, tests } of rows) {
      expect([number, leftOut || tests.length > 0]).toEqual([number, true])
      for (const file of tests) {
        const proofs = titles.get(file)?.filter((title) => title.includes(`[${number}]`))
        expect([number, file, proofs]).not.toEqual([number, file, []])
      }
    }
  })
})
