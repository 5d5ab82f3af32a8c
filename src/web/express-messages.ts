/**
 * Requests and responses that are Express's from the start. Left to itself, Express changes the prototype of each one
 * when it comes: on Node 20 that costs more than the rest of a page, most of it in the garbage collector.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import type { Express } from 'express'

/** @returns `classes` for `createServer`, what makes them those of the app that is to answer, and how to end with them */
export function expressMessages() {
  let last = false
  class Request extends IncomingMessage {}
  class Response extends ServerResponse<Request> {
    /** Every answer comes through here, at the last moment at which it can have a header. */
    override writeHead(status: number, ...rest: unknown[]): this {
      if (last) this.setHeader('Connection', 'close')
      return super.writeHead(status, ...(rest as []))
    }
  }

  return {
    classes: { IncomingMessage: Request, ServerResponse: Response },
    /** To be called before the first request. Express then finds the prototypes that it was about to set. */
    belongTo(app: Express): void {
      app.request = Object.setPrototypeOf(Request.prototype, app.request)
      app.response = Object.setPrototypeOf(Response.prototype, app.response)
    },
    /** From now on each answer is the last on its connection: that of a request in flight, too. */
    endConnections(): void {
      last = true
    },
  }
}
