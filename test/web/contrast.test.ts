import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../support/process.js'

const sheet = readFileSync(join(ROOT, 'public/lair.css'), 'utf8')

/** The two places where colours stand: one for each colour scheme. Both are at the top. */
const BLOCKS = [...sheet.matchAll(/:root \{([^}]*)\}/g)]
const [light = {}, dark = {}] = BLOCKS.map(([, block = '']) =>
  Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#[\da-f]{6});/g)].map(([, name, value]) => [name, value]),
  ),
)
const SCHEMES: [string, Record<string, string>][] = [
  ['light', light],
  ['dark', { ...light, ...dark }],
]

/** WCAG 2.2, "relative luminance". */
function luminance(colour = ''): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

describe.each(SCHEMES)('the stylesheet, %s', (_scheme, colours) => {
  const pairs = (names: string[], surfaces: string[]) =>
    names.flatMap((name) => surfaces.map((surface) => [name, surface] as const))
  const below = (least: number, names: string[], surfaces: string[]) =>
    pairs(names, surfaces)
      .map(([name, surface]) => [name, surface, contrast(colours[name], colours[surface])] as const)
      .filter(([, , ratio]) => !(ratio >= least))

  it('has text of 4.5:1 on what it lies on (WCAG 1.4.3)', () => {
    expect(below(4.5, ['ink', 'quiet', 'accent'], ['paper', 'card'])).toEqual([])
    expect(below(4.5, ['on-accent'], ['accent'])).toEqual([])
  })

  it('has edges and the focus ring of 3:1 on what they lie on (WCAG 1.4.11)', () => {
    expect(below(3, ['edge', 'focus', 'accent'], ['paper', 'card'])).toEqual([])
  })
})

describe('the stylesheet', () => {
  it('has its colours and type faces in the properties at the top, and nowhere else', () => {
    const [, last] = BLOCKS
    const rules = sheet.slice(Number(last?.index) + String(last?.[0]).length).replace(/\/\*.*?\*\//gs, '')
    expect(rules).not.toMatch(/#[\da-f]{3,8}\b|\b(rgba?|hsla?|oklch|color-mix)\(|gradient/i)
    expect([...rules.matchAll(/\n\s*font(?:-family)?: [^;]*(?:serif|mono(?!\)))[^;]*;/g)]).toEqual([])
    const edges = [...rules.matchAll(/\n\s*(?:border(?:-\w+)?|outline): (.*solid.*);/g)].map(
      ([, value = '']) => value,
    )
    expect(edges.length).toBeGreaterThan(4)
    expect(edges.filter((edge) => !/solid var\(--(edge|focus|accent)\)$/.test(edge))).toEqual([])
  })
})
