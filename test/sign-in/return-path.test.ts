import { describe, expect, it } from 'vitest'
import { returnPath } from '../../src/sign-in/return-path.js'
import { redirectTargets } from '../support/generators.js'

const BASE = 'https://lair.example.com'

/** What a browser makes of a `Location` that our server sends. */
const leadsTo = (location: string) => new URL(location, `${BASE}/callback`)

const BYPASSES = [
  '//evil.example',
  '///evil.example',
  '////evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  '/\\/evil.example',
  '\\/evil.example',
  '/%2f%2fevil.example',
  '/%5cevil.example',
  '/%5c%5cevil.example',
  '/;@evil.example',
  '/@evil.example',
  '//evil.example@lair.example.com',
  '//lair.example.com@evil.example',
  'https://evil.example',
  'http://lair.example.com',
  'HTTPS://EVIL.EXAMPLE',
  'https:evil.example',
  'https:/evil.example',
  'https:\\\\evil.example',
  '/\t/evil.example',
  '/\n/evil.example',
  '/\r/evil.example',
  '\t//evil.example',
  '/\u0000/evil.example',
  ' //evil.example',
  '/ /evil.example',
  '/.//evil.example',
  '/..//evil.example',
  '/./\\evil.example',
  '/%09/evil.example',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'data:text/html,<script>',
  'vbscript:x',
  'file:///etc/passwd',
  'ftp://evil.example',
  '//evil%E3%80%82example',
  '//evil。example',
  '/\u2028/evil.example',
  '/〱evil.example',
  '//[::1]',
  '//127.1',
  '//0',
  '//evil.example:443/',
  '?//evil.example',
  '#//evil.example',
  '//',
  '/',
  '',
  '.',
  '..',
  '//?',
  '//#',
  '/\\',
  'https://lair.example.com.evil.example',
  'https://lair.example.com:444/',
  'blob:https://lair.example.com/x',
]

describe('[33] returnPath', () => {
  it.each(BYPASSES)('keeps %j on our origin', (target) => {
    const path = returnPath(target, BASE)
    expect(path).toMatch(/^\/(?![/\\])/)
    expect(leadsTo(path).origin).toBe(BASE)
  })

  it.each([
    ['/lair?gate=north&n=1', '/lair?gate=north&n=1'],
    ['/lair?next=//evil.example', '/lair?next=//evil.example'],
    ['https://lair.example.com/lair', '/lair'],
    ['/lair?q=a%20b%26c', '/lair?q=a%20b%26c'],
    ['/lair#part', '/lair'],
  ])('takes %s for %s', (target, path) => {
    expect(returnPath(target, BASE)).toBe(path)
  })

  it('caps what it returns: without the query, or the lair', () => {
    expect(returnPath(`/lair?x=${'y'.repeat(3000)}`, BASE)).toBe('/lair')
    expect(returnPath(`/${'y'.repeat(3000)}`, BASE)).toBe('/lair')
    expect(returnPath(`/${'y'.repeat(1999)}`, BASE)).toHaveLength(2000)
    expect(returnPath(`/${'y'.repeat(2000)}`, BASE)).toBe('/lair')
    expect(returnPath(`/x?${'\\'.repeat(1000)}`, BASE)).toBe('/x') // JSON doubles them
  })

  it('keeps 10,000 generated targets on our origin, and stays itself when applied twice', () => {
    for (const target of redirectTargets(10_000, 1)) {
      const path = returnPath(target, BASE)
      expect(leadsTo(path).origin).toBe(BASE)
      expect(path.length).toBeLessThanOrEqual(2000)
      expect(returnPath(path, BASE)).toBe(path)
    }
  })
})
