/** Who reads an answer: a person in front of a page, or a script that wants JSON and cannot follow us to Okta. */
import type { Request } from 'express'

/** Whether the answer will be looked at as a page. `Accept: *\/*` alone counts as a page. */
export function readsPages(req: Request): boolean {
  const mode = req.get('sec-fetch-mode') // absent in old browsers and in most scripts
  if (mode !== undefined && mode !== 'navigate') return false
  return req.accepts(['html', 'json']) === 'html'
}
