/**
 * EJS as Express's view engine, but for three habits that cost more than all else on a page: it looks on the disk for each
 * template that is included, copies all locals for it, and looks up each variable through `with`. Here a template is read
 * and compiled once, takes what it needs out of `locals`, and calls `partial`, which hands on what the call names.
 */
import { readFileSync } from 'node:fs'
import ejs from 'ejs'
import type { Response } from 'express'

type Done = (error: unknown, html?: string) => void

/**
 * A view engine for `app.engine`.
 * @param folder of the views; `partial('head', { title })` is `partials/head.ejs` in it
 * @param development whether templates may change while the app runs, and errors quote them
 */
export function templates(
  folder: string,
  development: boolean,
): (file: string, locals: object, done: Done) => void {
  const compiled = new Map<string, ejs.TemplateFunction>()
  const options = { compileDebug: development, strict: true, destructuredLocals: ['partial'] }

  function templateIn(file: string): ejs.TemplateFunction {
    const known = development ? undefined : compiled.get(file)
    if (known) return known
    const template = ejs.compile(readFileSync(file, 'utf8'), { ...options, filename: file })
    compiled.set(file, template)
    return template
  }

  // Express made `locals` for this page alone; to copy them once more takes a tenth of a page on Node 20.
  const render = (file: string, locals: object) => templateIn(file)(Object.assign(locals, { partial }))
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
