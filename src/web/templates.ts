/**
 * EJS as Express's view engine, without three habits of EJS that cost more than the rest of a page. EJS looks on the
 * disk for each included template, copies all variables for it, and finds each variable through `with`. Here each
 * template is read and compiled once. It takes what it needs from `locals`. It includes another template with
 * `partial`, and names the variables for it. Each template has `site`, which `site.ts` holds.
 */
import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Script } from 'node:vm'
import ejs from 'ejs'
import type { Response } from 'express'
import { SITE } from '../site.js'
import { takeNotice } from './notice.js'

type Done = (error: unknown, html?: string) => void

/** An error in a template. Only in development; in production the app throws what EJS throws. */
export class TemplateError extends Error {
  override name = 'TemplateError'
  /** The template and the line, some lines around it, and EJS's message. EJS changes `message` on the way out. */
  readonly explanation: string

  /** @param file the path of the template */
  constructor(file: string, cause: unknown) {
    const name = join(basename(dirname(file)), basename(file))
    const { message } = cause as Error
    const said = message.replace(file, name).replace(/\n\nIf the above error is not helpful.*/s, '')
    const explanation = cause instanceof SyntaxError ? `${name}:${lineOf(file)}\n\n${said}` : said
    super(explanation, { cause })
    this.explanation = explanation
  }
}

/**
 * A view engine for `app.engine`.
 * @param folder the folder of the views; `partial('head', { title })` renders `partials/head.ejs` in it
 * @param development whether templates may change while the app runs, and whether errors quote them
 */
export function templates(
  folder: string,
  development: boolean,
): (file: string, locals: object, done: Done) => void {
  const compiled = new Map<string, ejs.TemplateFunction>()
  const options = { compileDebug: development, strict: true, destructuredLocals: ['partial', 'site'] }

  function templateIn(file: string): ejs.TemplateFunction {
    const known = development ? undefined : compiled.get(file)
    if (known) return known
    const template = ejs.compile(readFileSync(file, 'utf8'), { ...options, filename: file })
    compiled.set(file, template)
    return template
  }

  // `locals` is not copied: Express made it for this page alone, and a copy costs a tenth of a page on Node 20.
  const renderPlainly = (file: string, locals: object) =>
    templateIn(file)(Object.assign(locals, { partial, site: SITE }))
  const render = development ? explaining(renderPlainly) : renderPlainly
  const partial = (name: string, locals = {}) => render(`${folder}/partials/${name}.ejs`, locals)

  return function renderTemplate(file, locals, done) {
    let html: string
    try {
      html = render(file, locals)
    } catch (error) {
      return done(error)
    }
    done(null, html)
  }
}

/** Where a template fails, the error says which one, and where: a partial, not the page that it is a part of. */
function explaining(render: (file: string, locals: object) => string): typeof render {
  return function renderOrExplain(file, locals) {
    try {
      return render(file, locals)
    } catch (error) {
      throw error instanceof TemplateError ? error : new TemplateError(file, error)
    }
  }
}

/** EJS does not tell the line of a syntax error. The code that it makes of the template counts the lines, though. */
function lineOf(file: string): string {
  const template = new ejs.Template(readFileSync(file, 'utf8'), { compileDebug: true }) as unknown as {
    source: string
    generateSource(): void
  }
  template.generateSource()
  try {
    new Script(template.source)
  } catch (error) {
    const [, line] = /:(\d+)/.exec(String((error as Error).stack)) ?? []
    const before = template.source.split('\n').slice(0, Number(line)).join('\n')
    return /.*__line = (\d+)/s.exec(before)?.[1] ?? '1'
  }
  return '1'
}

/**
 * Renders a view as the answer, like `res.render`, but sends head and body in one piece. Express sends two pieces,
 * which costs as much as the rendering.
 * @param failed takes the error of a view; by default the app's error page
 */
export function sendPage(
  res: Response,
  view: string,
  locals: object,
  failed = (error: unknown) => res.req.next?.(error),
): void {
  const notice = takeNotice(res)
  res.render(view, notice === undefined ? locals : { ...locals, notice }, (error: unknown, html: string) => {
    if (error) return failed(error)
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.setHeader('Content-Length', Buffer.byteLength(html))
    res.end(html)
  })
}
