import type { Response } from 'express'

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
