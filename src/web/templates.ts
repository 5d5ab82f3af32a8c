/**
 * EJS as Express's view engine. Left to itself, EJS looks on the disk for each partial, each time a page is rendered; here
 * a template is read and compiled once.
 */
import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import type { Response } from 'express'

type Done = (error: unknown, html?: string) => void

/**
 * A view engine for `app.engine`.
 * @param folder of the views; partials are named from it, as in `include('partials/head')`
 * @param development whether templates may change while the app runs, and errors quote them
 */
export function templates(
  folder: string,
  development: boolean,
): (file: string, locals: object, done: Done) => void {
  const compiled = new Map<string, ejs.Template>()

  function templateIn(file: string): ejs.Template {
    const known = development ? undefined : compiled.get(file)
    if (known) return known
    const template = ejs.compile(readFileSync(file, 'utf8'), { filename: file, compileDebug: development })
    compiled.set(file, template)
    return template
  }

  function render(file: string, locals: object): string {
    const include = (name: string, own: object) => render(`${folder}/${name}.ejs`, { ...locals, ...own })
    return templateIn(file)({ ...locals, include })
  }

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

/**
 * Renders a view as the answer, as `res.render` does, but sends head and body in one piece: Express hands them to the
 * socket as two, which costs as much as the rendering.
 */
export function sendPage(res: Response, view: string, locals: object): void {
  res.render(view, locals, (error: unknown, html: string) => {
    if (error) return res.req.next?.(error)
    res.setHeader('Content-Type', 'text/html; charset=utf-8')
    res.setHeader('Content-Length', Buffer.byteLength(html))
    res.end(html)
  })
}
