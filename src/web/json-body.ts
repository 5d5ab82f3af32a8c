/** Reads the body of a request. Only addresses for other servers need this: no page of the app has a body. */
import express, { type Request, type Response } from 'express'
import { PublicError } from './public-error.js'

/** @param maxBytes the most that a body may have */
export function createJsonBody(maxBytes: number) {
  const read = express.json({ limit: maxBytes, inflate: false })

  /** @returns the JSON object, or list, of the request's body @throws {PublicError} 400, 413, 415 */
  return async function jsonBody(req: Request, res: Response): Promise<unknown> {
    if (req.is('application/json') === false) throw refusal(415)
    await new Promise<void>((resolve, reject) => {
      read(req, res, (error?: unknown) => (error ? reject(refusal(Object(error).status)) : resolve()))
    })
    if (req.body === undefined) throw refusal(400)
    return req.body
  }
}

/** @param status as Express's parser has it; its message may quote the body */
function refusal(status: unknown): PublicError {
  if (status === 413) {
    const details = { code: 'body_too_large', title: 'Too much to carry' }
    return new PublicError(413, 'The body of this request is too large.', details)
  }
  if (status === 415) {
    const details = { code: 'not_json', title: 'An unknown tongue' }
    return new PublicError(415, 'This address takes JSON, not compressed and in UTF-8.', details)
  }
  const details = { code: 'malformed_body', title: 'The message makes no sense' }
  return new PublicError(400, 'The body of this request is not the JSON that this address takes.', details)
}
