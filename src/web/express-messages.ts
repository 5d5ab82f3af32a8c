/**
 * Requests and responses that are Express's from the start. Left to itself, Express changes the prototype of each one
 * when it comes: on Node 20 that costs more than the rest of a page, most of it in the garbage collector.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

/** @returns `classes` for `createServer`, and what makes them those of the app that is to answer */
export function expressMessages() {
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {}

  return {
    classes: { IncomingMessage: Request, ServerResponse: Response },
    /** To be called before the first request. Express then finds the prototypes that it was about to set. */
    belongTo(app: Express): void {
      app.request = Object.setPrototypeOf(Request.prototype, app.request)
      app.response = Object.setPrototypeOf(Response.prototype, app.response)
    },
  }
}
