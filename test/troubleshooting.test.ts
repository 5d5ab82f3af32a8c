import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { OWN_PAGES, SENT_BACK } from '../local-okta/okta-words.js'
import { CHECK_NAMES } from '../src/cli/checks/check.js'
import { REFUSALS } from '../src/cli/okta-api.js'
import { REMEDIES as OF_OKTA } from '../src/okta/failure.js'
import { DEPENDENCIES } from '../src/okta/health.js'
import { OAUTH_ERRORS } from '../src/okta/oauth-error.js'
import { REMEDIES as OF_REDIS } from '../src/redis/redis-failure.js'
import { NOTICES } from '../src/web/notice.js'
import { ROOT } from './support/process.js'
import { callsIn, read, sourcesIn, textsNamed, textsOf } from './support/source-texts.js'

const DOC = 'docs/troubleshooting.md'
const LOG = String.raw`log(?:\.(?:trace|debug|info|warn|error|fatal)|\[.*?\])`
const source = sourcesIn('src')
const withPages = source.filter((text) => text.includes('new PublicError('))

/** What the argument of each call can be. @param index of the argument; -1 is the last */
function said(callee: string, index: number, sources = source): string[] {
  return sources.flatMap((text) =>
    callsIn(text, callee).flatMap((given) => textsOf(given.at(index) ?? '', text)),
  )
}

/** What a function named `explain` says to those who start the app. */
function explained(file: string): string[] {
  const [, body = ''] = /^function explain\(.*?\{\n(.*?)^\}/ms.exec(read(file)) ?? []
  return textsOf(body, '')
}

const noticesIn = (view: string) =>
  [...read(`views/${view}`).matchAll(/<p class="notice"[^>]*>(.*?)<\/p>/g)].map(([, notice = '']) =>
    notice.replace(/<%.*?%>/g, '…').replace(/<[^>]+>/g, ''),
  )

const TEXTS: Record<string, () => string[]> = {
  'Pages of the app': () => [
    ...said('new PublicError', 1),
    ...withPages.flatMap((text) => [...textsNamed('title', text), ...textsNamed('code', text)]),
  ],
  'Notices on pages': () => [
    ...Object.values(NOTICES),
    ...readdirSync(join(ROOT, 'views')).filter(isOfPeople).flatMap(noticesIn),
  ],
  'Answers without a page': () => [
    ...[...read('src/web/http-server.ts').matchAll(/'(\d{3} \w[\w ]+)'/g)].map(([, status = '']) => status),
    ...said('answer', 2, [read('src/web/metrics-server.ts')]),
  ],
  'What Okta says': () => [...Object.values(OWN_PAGES), ...Object.values(SENT_BACK)],
  'OAuth errors': () => [...OAUTH_ERRORS],
  'Causes in the log': () => [
    ...[...Object.keys(OF_OKTA), ...Object.keys(OF_REDIS)],
    ...['new OktaFailure', 'new RedisFailure'].flatMap((failure) => said(failure, 1, withoutCommands())),
    ...['new UserNotFound', 'refuse'].flatMap((refusal) => said(refusal, 0)),
  ],
  'Lines of the log': () => [
    ...said(LOG, -1),
    ...textsOf(/type AuditMessage =(.*?)\n\n/s.exec(read('src/sessions/audit.ts'))?.[1] ?? '', ''),
    ...textsNamed('msg', read('src/log.ts')),
  ],
  'When the app starts': () => [
    ...[...said('check', 1), ...said('new Invalid', 0)],
    ...said('(?:super|lines.push)', 0, [read('src/config.ts')]),
    ...[...explained('src/process.ts'), ...explained('scripts/dev.ts')],
    ...said('(?:print|fail)', 0, [read('scripts/dev.ts')]),
    ...said('new Error', 0, [...sourcesIn('scripts/dev'), read('local-okta/server.ts')]),
    ...said(String.raw`process\.stderr\.write`, 0, [read('scripts/build.js')]),
    ...[/echo '(.*?)'/.exec(read('package.json'))?.[1] ?? ''],
  ],
  'The set-up': () => [
    ...Object.entries(REFUSALS).flatMap(([code, [sentence]]) => [code, sentence]),
    ...[...said('new SetUpProblem', 0), ...said('new SetUpProblem', 1)],
    ...['code', 'message'].flatMap((name) => textsNamed(name, read('src/cli/okta-setup.ts'))),
    ...said('new WrongUsage', 0),
  ],
}

function isOfPeople(view: string): boolean {
  return view.endsWith('.ejs') && view !== 'error.ejs' // it shows the sentences of the errors
}

function withoutCommands(): string[] {
  const ofCommands = sourcesIn('src/cli')
  return source.filter((text) => !ofCommands.includes(text))
}

/** The first line, if it has a word. A line break in the source is one space. */
function firstLines(texts: string[]): string[] {
  const lines = texts.map((text) => (text.split('\n')[0] ?? '').trim())
  return [...new Set(lines)].filter((line) => /\w{3}/.test(line)).sort()
}

const sections = new Map(
  read(DOC)
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.split('\n')[0] ?? '', section]),
)
const rowsOf = (section = '') =>
  [...section.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => row.split(' | '))
const inBackticks = (text = '') => [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)

describe(DOC, () => {
  it.each(Object.entries(TEXTS))('%s: has each text of the code, and no other', (heading, collect) => {
    const inCode = firstLines(collect())
    const inDocument = rowsOf(sections.get(heading)).flatMap(([seen]) => inBackticks(seen))
    const missing = inCode.filter((text) => !inDocument.includes(text))
    expect(missing, `Add a row to the table "${heading}" of ${DOC}, with each of these in backticks`).toEqual(
      [],
    )
    const invented = inDocument.filter((text) => !inCode.includes(text))
    expect(invented, `The code does not say these: mend or remove them in "${heading}" of ${DOC}`).toEqual([])
    expect(inCode.length).toBeGreaterThan(3)
  })

  it.each([
    ['error page', 'new PublicError', 1],
    ['line of the log', LOG, -1],
  ])('can read the words of every %s', (what, callee, index) => {
    const unread = source
      .filter((text) => !text.includes('type AuditMessage')) // that type has the words
      .flatMap((text) =>
        callsIn(text, callee)
          .map((given) => given.at(index) ?? '')
          .filter((words) => !words.startsWith('...') && textsOf(words, text).join('') === ''),
      )
    expect(unread, `Write the words of this ${what} as a text, or into a constant of the same file`).toEqual(
      [],
    )
  })

  it('has tables only for these, and in each row four cells, the last with checks of the doctor', () => {
    const told = [...sections].filter(([, section]) => rowsOf(section).length > 0).map(([heading]) => heading)
    expect(told).toEqual(Object.keys(TEXTS))
    for (const row of [...sections.values()].flatMap(rowsOf)) {
      const [seen, meaning, remedy, checks = ''] = row
      const names = inBackticks(checks)
      const isRight = names.every((name) => CHECK_NAMES.some((check) => check === name))
      const hasChecks = names.length > 0 || checks === 'none'
      const advice = 'Four cells: what you see, what it means, what to do, and checks of the doctor, or none'
      expect([seen, row.length, meaning, remedy, isRight && hasChecks], advice).toEqual([
        ...[seen, 4, expect.stringMatching(/\w/), expect.stringMatching(/\w/), true],
      ])
    }
  })

  it('names everything on which the app depends', () => {
    const lines = sections.get('Lines of the log')
    expect(DEPENDENCIES.filter((name) => !lines?.includes(`\`${name}\``))).toEqual([])
  })

  it('is one that README links to, and links to files that exist', () => {
    expect(read('README.md').includes(`](${DOC})`)).toBe(true)
    const links = [...read(DOC).matchAll(/\]\(([^)#]+)/g)].map(([, link = '']) => link)
    const own = links.filter((link) => !link.startsWith('https://'))
    expect(own.filter((link) => !existsSync(join(ROOT, dirname(DOC), link)))).toEqual([])
  })
})
