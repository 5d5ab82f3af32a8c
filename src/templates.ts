/** EJS for Express. Left to itself it looks on the disk for each partial, each time a page is rendered. */
import ejs from 'ejs'

type Done = (error: unknown, html?: string) => void

/**
 * A view engine for `app.engine`.
 * @param folder of the views; partials are named from it, as in `include('/partials/head')`
 * @param cache whether templates are compiled once
 */
export function templates(folder: string, cache: boolean) {
  const options = { root: folder, cache }
  return function renderTemplate(file: string, locals: object, done: Done): void {
    ejs.renderFile(file, locals, options, done)
  }
}
