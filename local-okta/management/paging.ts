/** One page of a list, with the header `Link` to the next one: https://developer.okta.com/docs/api/#pagination */
import type { Request, Response } from 'express'
import { ApiError } from './api-error.js'

const MOST = 200

/** @param usual how many there are on a page if the request does not say `limit` */
export function sendPage<T extends { id: string }>(
  req: Request,
  res: Response,
  items: T[],
  record: (item: T) => unknown,
  usual = MOST,
): void {
  const limit = req.query.limit === undefined ? usual : Number(req.query.limit)
  if (!Number.isInteger(limit) || limit < 1) throw tooStrange('limit')
  const after = queryText(req, 'after')
  const begin = after === '' ? 0 : items.findIndex(({ id }) => id === after) + 1
  if (after !== '' && begin === 0) throw tooStrange('after')
  const end = begin + Math.min(limit, MOST)
  const url = new URL(req.originalUrl, `http://${req.headers.host}`)
  res.append('Link', `<${url.href}>; rel="self"`)
  if (end < items.length) {
    url.searchParams.set('after', items[end - 1]?.id ?? '')
    url.searchParams.set('limit', String(limit))
    res.append('Link', `<${url.href}>; rel="next"`)
  }
  res.json(items.slice(begin, end).map(record))
}

export function queryText(req: Request, name: string): string {
  const value = req.query[name]
  return typeof value === 'string' ? value : ''
}

/** The text of a value in search criteria, which is a JSON string (RFC 7644 section 3.4.2.2). */
export function textIn(value: string): string {
  try {
    return String(JSON.parse(value))
  } catch {
    throw new ApiError(400, 'E0000031', 'Invalid search criteria.')
  }
}

function tooStrange(name: string): ApiError {
  return new ApiError(400, 'E0000001', `Api validation failed: ${name}`, [`${name}: The value is not valid.`])
}
