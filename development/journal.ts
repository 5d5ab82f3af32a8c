/**
 * What happened in the last sign-ins, sign-outs and refusals: what the browser asked for, what the app asked Okta, what came back,
 * how long it took, and what the log says. It listens to Node's own channels for HTTP, so the app knows nothing of it.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import { type Channel, channel } from 'node:diagnostics_channel'
import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Request, Response } from 'express'

/** A call to Okta that the app made for a request. */
export interface Call {
  method: string
  /** Without the values of parameters that may be secret. */
  url: string
  /** `undefined` until Okta has answered. */
  status: number | undefined
  ms: number
}

/** A request of the browser that has to do with signing in or out, or was refused. */
export interface Entry {
  at: Date
  method: string
  url: string
  status: number | undefined
  /** Where the answer sends the browser. */
  location: string | undefined
  ms: number
  calls: Call[]
  /** The lines of the log about this request. */
  lines: string[]
}

export type Journal = ReturnType<typeof createJournal>

const MAX_ENTRIES = 30

const OF_SIGN_INS = /^\/(login|callback|logout)\b/

/** @param now milliseconds since some moment in the past */
export function createJournal(now: () => number = () => performance.now()) {
  const entries: Entry[] = []
  const current = new AsyncLocalStorage<Entry>()
  const calls = new WeakMap<ClientRequest, { call: Call; begunAt: number }>()

  on(channel('http.client.request.start'), ({ request }) => {
    const entry = current.getStore()
    if (!entry) return
    const { method, protocol, path } = request
    const host = request.getHeader('host')
    const call = { method, url: masked(`${protocol}//${host}${path}`), status: undefined, ms: 0 }
    entry.calls.push(call)
    calls.set(request, { call, begunAt: now() })
  })
  on(channel('http.client.response.finish'), ({ request, response }) => {
    const { call, begunAt } = calls.get(request) ?? {}
    if (call) Object.assign(call, { status: response?.statusCode, ms: now() - Number(begunAt) })
  })

  return {
    /** The newest first. */
    entries: (): readonly Entry[] => entries,
    /** Follows a request until it is answered. */
    follow(req: Request, res: Response, next: () => void): void {
      const begunAt = now()
      const url = masked(req.originalUrl)
      const entry: Entry = {
        at: new Date(),
        method: req.method,
        url,
        status: undefined,
        location: undefined,
        ms: 0,
        calls: [],
        lines: [],
      }
      res.once('finish', () => {
        const location = res.getHeader('location')
        const isOfSignIn = OF_SIGN_INS.test(req.path) || /\/authorize\?/.test(String(location))
        if (!isOfSignIn && res.statusCode !== 403) return
        Object.assign(entry, { status: res.statusCode, ms: now() - begunAt })
        if (location !== undefined) entry.location = masked(String(location))
        entries.unshift(entry)
        entries.splice(MAX_ENTRIES)
      })
      current.run(entry, next)
    },
    /** Takes a line of the log. The log has scrubbed it already. */
    line(line: string): void {
      const { msg, code, reason, cause, remedy, oauthError } = JSON.parse(line)
      const details = Object.entries({ code, reason, cause, oauthError, remedy })
      const known = details.flatMap(([name, value]) => (value === undefined ? [] : `${name}: ${value}`))
      current.getStore()?.lines.push([msg, ...known].join(' · '))
    },
  }
}

type Message = { request: ClientRequest; response?: IncomingMessage }

function on(from: Channel, listener: (message: Message) => void): void {
  from.subscribe((message) => listener(message as Message))
}

/** Parameters that say something and are no secret. */
const SHOWN = new Set(
  `client_id redirect_uri response_type response_mode scope prompt max_age code_challenge_method iss error
  post_logout_redirect_uri`.split(/\s+/),
)

/** A URL in which dots stand for the values that nobody should see: codes, states, nonces, ID tokens. */
export function masked(url: string): string {
  const at = url.indexOf('?')
  if (at === -1) return url
  const parameters = [...new URLSearchParams(url.slice(at))].map(
    ([name, value]) => `${name}=${SHOWN.has(name) ? value : '…'}`,
  )
  return `${url.slice(0, at)}?${parameters.join('&')}`
}
