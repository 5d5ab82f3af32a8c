import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { templates } from '../../src/web/templates.js'
import { appWith } from '../support/changed-app.js'
import { elements, textOf } from '../support/html.js'
import { type Lair, startLair } from '../support/lair.js'

/** Pages with an error in a view of theirs, and in the view that all pages have. */
const BROKEN = `
  page('/cave', requireUser, (_req, res) => res.render('lair', { user: { status: 'ACTIVE', lastKnownAt: 'yesterday' } }))
  page('/abyss', () => { app.locals.asset = () => { throw new Error('no asset') }; throw new Error('first') })`

let app: Awaited<ReturnType<typeof appWith>>
let lair: Lair
beforeAll(async () => {
  app = await appWith(BROKEN)
  lair = await startLair({ NODE_ENV: 'development' }, app)
})
afterAll(async () => {
  await lair.close()
  app.remove()
})

describe('an error in a template, in development', () => {
  it('is on the error page: the template, the line, what is there, and what is wrong', async () => {
    const { status, text } = await (await lair.signedIn()).ask('/cave')
    expect(status).toBe(500)
    const shown = elements(text).find(({ tagName }) => tagName === 'pre')
    expect(shown && textOf(shown)).toMatch(
      /^views\/lair\.ejs:\d+\n.*>> \d+\|[^\n]*lastKnownAt\.toISOString.*toISOString is not a function$/s,
    )
    expect(text).not.toContain('/views/lair.ejs') // the path of the machine is nobody's business
  })

  it('is a plain text if no error page can be made', async () => {
    const { status, text, headers } = await lair.visitor().ask('/abyss')
    expect([status, headers['content-type']]).toEqual([500, 'text/plain; charset=utf-8'])
    expect(text).toMatch(/^partials\/head\.ejs:\d+\n.*>> \d+\|.*no asset$/s)
  })
})

it('a syntax error in a template is told with its line', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lair-'))
  mkdirSync(join(folder, 'views'))
  const file = join(folder, 'views/page.ejs')
  writeFileSync(file, '<h1>One</h1>\n<p>Two</p>\n<p><%= three( %></p>\n<p>Four</p>\n')
  const failed: unknown[] = []
  for (const development of [true, false])
    templates(join(folder, 'views'), development)(file, {}, (error) => failed.push(error))
  rmSync(folder, { recursive: true })
  expect(failed).toEqual([
    expect.objectContaining({
      explanation: expect.stringMatching(/^views\/page\.ejs:3\n\n.+ in views\/page\.ejs/),
    }),
    expect.not.objectContaining({ explanation: expect.anything() }),
  ])
})
