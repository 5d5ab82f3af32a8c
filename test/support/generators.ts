/** Hostile input from a seed. The same seed gives the same input, so that a developer can repeat a finding. */

import { SITE } from '../../src/site.js'
import { cookieName } from '../../src/web/cookies.js'

/** A small generator of random numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const pick = <T>(next: () => number, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T
const some = (next: () => number, least: number, most: number) =>
  least + Math.floor(next() * (most - least + 1))

const URL_PARTS = [
  '/',
  '//',
  '\\',
  '/\\',
  '\t',
  '\n',
  '\r',
  '\u0000',
  ' ',
  '%2f',
  '%5c',
  '%09',
  '%00',
  '%2e',
  '.',
  '..',
  ':',
  '@',
  ';',
  '?',
  '#',
  '&',
  '=',
  'evil.example',
  'lair.example.com',
  'https:',
  'http:',
  'javascript:',
  'data:',
  'lair',
  'login',
  '。',
  '／',
  '\u2028',
  '\ud800',
  '[::1]',
  '127.1',
  '%E0%80',
  'x'.repeat(50),
]

/** Paths and URLs to which a request may want to be sent after a sign-in. */
export function* redirectTargets(count: number, seed: number): Generator<string> {
  const next = random(seed)
  for (let made = 0; made < count; made++) {
    const parts = Array.from({ length: some(next, 1, 8) }, () => pick(next, URL_PARTS))
    yield (next() < 0.7 ? '/' : '') + parts.join('')
  }
}

const MARKUP = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onfocus=alert(1) autofocus '",
  '</title><svg onload=alert(1)>',
  '</dd></dl></section>',
  '<!--',
  '-->',
  ']]>',
  '<%= 1 %>',
  '<%- include("x") %>',
  '&lt;',
  '&#60;',
  '&',
  '\u0000',
  '\u202e',
  '\ud800',
  '\u2028',
  'javascript:alert(1)',
  '`',
  '{{1}}',
  'Lion-O',
  'x'.repeat(300),
  '\r\nSet-Cookie: a=b',
  '\u001b[31m',
  '😀',
  '%3Cscript%3E',
  '<iframe src=//evil.example>',
  '<base href=//evil.example>',
  '=1+1',
]

const FIELDS = [
  'firstName',
  'lastName',
  'login',
  'email',
  'displayName',
  'profileUrl',
  '__proto__',
  'constructor',
  'toString',
  'include',
  'escapeFn',
  'settings',
]

/** Profiles as a hostile directory could have them. */
export function* profiles(count: number, seed: number): Generator<Record<string, unknown>> {
  const next = random(seed)
  const text = () => Array.from({ length: some(next, 0, 4) }, () => pick(next, MARKUP)).join('')
  const value = (): unknown =>
    pick(next, [
      text,
      text,
      text,
      text,
      () => null,
      () => 7,
      () => true,
      () => [text()],
      () => ({ toString: text() }),
      () => undefined,
    ])()
  for (let made = 0; made < count; made++) {
    const profile: Record<string, unknown> = {}
    for (let fields = some(next, 0, 8); fields > 0; fields--) {
      Object.defineProperty(profile, pick(next, FIELDS), {
        value: value(),
        enumerable: true,
        configurable: true,
        writable: true,
      })
    }
    yield profile
  }
}

const PATHS = [
  '/',
  '/lair',
  '/session',
  '/login',
  '/logout',
  '/logout/everywhere',
  '/global-token-revocation',
  '/callback',
  '/healthz',
  '/assets/lair.css',
  '/assets/',
  '/nowhere',
  '*',
  'http://evil.example/lair',
  '//evil.example',
]
const METHODS = [
  'GET',
  'GET',
  'GET',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'PROPFIND',
  'get',
  'G\u0000T',
  'M'.repeat(40),
]
const HEADERS = [
  'Host: localhost',
  'Host: evil.example',
  'Host:',
  'Host: a b',
  'Host: localhost\r\nHost: evil.example',
  `Cookie: ${SITE.slug}=x`,
  `Cookie: ${SITE.slug}.0=x; ${SITE.slug}.1=y`,
  `Cookie: ${SITE.slug}=%`,
  `Cookie: ${SITE.slug}.notice=shut-out`,
  'Cookie: hasOwnProperty=1',
  'Cookie: __proto__=1',
  `Cookie: ${SITE.slug}-sign-in.x=used:%2F%2Fevil`,
  `Cookie: a=${'x'.repeat(5000)}`,
  'Accept: */*',
  'Accept: application/json',
  'Accept: ;;q=',
  'Accept: text/html',
  'Sec-Fetch-Site: cross-site',
  'Sec-Fetch-Mode: cors',
  'Sec-Fetch-Dest: iframe',
  'Origin: null',
  'Origin: https://evil.example',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 5\r\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: evil',
  'Content-Type: application/x-www-form-urlencoded',
  'Content-Encoding: gzip',
  'Expect: 100-continue',
  'Expect: nothing',
  'Upgrade: h2c\r\nConnection: Upgrade',
  'Range: bytes=0-9999999999',
  'If-None-Match: *',
  'If-Modified-Since: never',
  'X-Forwarded-For: 1.2.3.4',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Host: evil.example',
  'X: \u0001',
  ': empty',
  'no colon',
  ' folded: x',
  `X: ${'y'.repeat(9000)}`,
  'User-Agent: \u001b[31m',
  'Referer: https://evil.example',
]

/** Raw HTTP requests, most of them almost valid. */
export function* httpRequests(count: number, seed: number): Generator<string> {
  const next = random(seed)
  for (let made = 0; made < count; made++) {
    let path = pick(next, PATHS)
    while (next() < 0.5)
      path += pick(next, [
        '?',
        '&',
        '=',
        '/',
        '%',
        '%ff',
        '%00',
        '%c0%af',
        '..',
        'a',
        'state=x',
        'code=y',
        'error=z',
        '[a][b]=c',
        'prompt=login',
        '\\',
        ';',
        '#',
        '\u00e9',
        'x'.repeat(200),
      ])
    const headers = Array.from({ length: some(next, 0, 5) }, () => pick(next, HEADERS))
    const version = next() < 0.95 ? 'HTTP/1.1' : pick(next, ['HTTP/1.0', 'HTTP/9.9', 'HTTP/1.1 x', ''])
    const host = next() < 0.85 ? ['Host: localhost'] : []
    const end =
      next() < 0.97
        ? '\r\n\r\n'
        : pick(next, ['\n\n', '\r\n', '\r\n\r\nabcde', '\r\n\r\n5\r\nabcde\r\n0\r\n\r\n'])
    const raw =
      [`${pick(next, METHODS)} ${path} ${version}`, ...host, 'Connection: close', ...headers].join('\r\n') +
      end
    if (next() < 0.9) yield raw
    else {
      const at = Math.floor(next() * raw.length)
      yield raw.slice(0, at) + String.fromCharCode(Math.floor(next() * 256)) + raw.slice(at + 1)
    }
  }
}

const OURS = cookieName(true)

/** Texts around the name of a cookie: every byte, and texts that parsers may misread. */
const AROUND = [
  ...Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).filter(
    (char) => !'\r\n\0'.includes(char),
  ),
  '__Host-',
  SITE.slug,
  '=',
  ';',
  '; ',
  ' ',
  '\t',
]

/**
 * `Cookie` headers with bytes around the name of our session cookie. `isOurs`: the name is between separators, without
 * other bytes, and only once, so that it can only be a cookie that the app has set.
 */
export function* cookieHeaders(count: number, seed: number): Generator<{ header: string; isOurs: boolean }> {
  const next = random(seed)
  const bytes = () => Array.from({ length: some(next, 0, 2) }, () => pick(next, AROUND)).join('')
  for (let made = 0; made < count; made++) {
    const cookies = Array.from({ length: some(next, 1, 3) }, () => `${bytes()}${OURS}${bytes()}=${bytes()}`)
    const header = cookies.join(next() < 0.5 ? '; ' : ';')
    const names = header.split(';').map((cookie) => (cookie.includes('=') ? cookie.replace(/=.*$/s, '') : ''))
    const ours = names.filter((name) => name.replace(/^[ \t]+|[ \t]+$/g, '') === OURS)
    yield { header, isOurs: ours.length === 1 }
  }
}
