/**
 * The authorization server: its metadata, its signing keys, its token endpoint, and how each of them does. The library
 * talks to it through `fetch` here, so that both know the same; what an ID token must say is up to `id-token.ts`.
 */
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'
import { isLoopback } from '../config.js'
import type { Log } from '../log.js'
import { OktaFailure, statusFailure } from './failure.js'
import { boundedFetch, fetchDocument, parseObject } from './fetch.js'
import { type Kept, keep } from './fresh-document.js'
import { createDependency } from './health.js'

const DOCUMENT_TIMEOUT_MS = 2000

/** Somebody waits for it, and a code is good for one answer only. */
const TOKEN_TIMEOUT_MS = 4500

/** An unknown key is looked up at once (Okta rotates without notice), but strangers do not get to hammer Okta. */
const KEY_LOOKUPS_PER_MINUTE = 6

/** Clocks further apart than this are worth a line in the log; the `Date` header is good to a second or two. */
const NOTEWORTHY_SKEW_SECONDS = 20

/** What the token endpoint answered, read to its end. */
interface Tokens {
  response: Response
  text: string
}

export interface Issuer {
  /** To be used for every request to the authorization server. */
  fetch: typeof fetch
  /**
   * The key that signed a token, by its `kid`. A key that is not known yet is looked up once.
   * @throws {JWKSNoMatchingKey} of jose
   * @throws {OktaFailure} the keys cannot be had
   */
  key: JWTVerifyGetKey
  /** Resolves once the metadata is known. @throws {OktaFailure} it is not; at once while that lasts */
  ready(): Promise<void>
  /** What a sign-in would fail for, told from what is known already. */
  missing(): ('discovery' | 'signing keys')[]
  /**
   * Runs `work`, in which the library redeems this authorization code.
   * @param onFailure told how Okta failed in it, which the library does not hand on
   */
  redeeming(code: string, onFailure: (failure: OktaFailure) => void, work: () => Promise<void>): Promise<void>
  /** Whether the authorization server answers just now; asks it, for a second at most. */
  answers(): Promise<boolean>
  close(): void
}

export function createIssuer(issuer: string, log: Log, now: () => number = () => Date.now()): Issuer {
  const discoveryUrl = `${issuer}/.well-known/openid-configuration`
  const tokenEndpoint = createDependency('token endpoint', log)
  const clock = createDependency('clock', log)
  /** By the whole request, PKCE verifier and all. One that is made again while it is under way gets the same answer. */
  const redemptions = new Map<string, Promise<Tokens>>()
  /** By authorization code. */
  const watchers = new Map<string, Set<(failure: OktaFailure) => void>>()
  let keys: { url: string; kept: Kept<JWTVerifyGetKey> } | undefined
  let lookups: number[] = []

  const metadata = keep(discover, createDependency('discovery', log), now)

  async function discover(): Promise<Record<string, unknown>> {
    const { document, response } = await fetchDocument(discoveryUrl, DOCUMENT_TIMEOUT_MS)
    compareClocks(response)
    if (typeof document.issuer !== 'string') throw new OktaFailure('bad-answer', 'This is no metadata')
    refuseUnsafe(document, issuer)
    keepKeys(String(document.jwks_uri))
    return document
  }

  function keepKeys(url: string): void {
    if (keys?.url === url) return
    keys?.kept.close()
    keys = { url, kept: keep(() => fetchKeys(url), createDependency('signing keys', log), now) }
  }

  async function redeem(url: string, init?: RequestInit): Promise<Response> {
    const request = String(init?.body)
    const code = new URLSearchParams(request).get('code') ?? ''
    const answer = redemptions.get(request) ?? askForTokens(url, init)
    redemptions.set(request, answer)
    try {
      const { response, text } = await answer
      return new Response(text, { status: response.status, headers: response.headers })
    } catch (error) {
      for (const told of watchers.get(code) ?? []) told(error as OktaFailure)
      throw error
    } finally {
      redemptions.delete(request)
    }
  }

  async function askForTokens(url: string, init?: RequestInit): Promise<Tokens> {
    try {
      const { response, text } = await boundedFetch(url, init, TOKEN_TIMEOUT_MS)
      compareClocks(response)
      refuseNoTokens(response, text)
      tokenEndpoint.works()
      return { response, text }
    } catch (error) {
      tokenEndpoint.fails(error as OktaFailure)
      throw error
    }
  }

  /** @throws {OktaFailure} there were too many */
  function countLookup(): void {
    lookups = lookups.filter((at) => at > now() - 60_000)
    if (lookups.length >= KEY_LOOKUPS_PER_MINUTE) {
      throw new OktaFailure('bad-answer', 'Too many unknown signing keys in the last minute')
    }
    lookups.push(now())
  }

  function compareClocks({ headers }: Response): void {
    const seconds = Math.round((Date.parse(headers.get('date') ?? '') - Date.now()) / 1000)
    if (Math.abs(seconds) > NOTEWORTHY_SKEW_SECONDS) {
      const where = seconds > 0 ? 'ahead of' : 'behind'
      clock.fails(new OktaFailure('clock', `Okta’s clock is ${Math.abs(seconds)} s ${where} ours`))
    } else clock.works()
  }

  return {
    async fetch(input, init) {
      if (String(input) === discoveryUrl) return Response.json(await metadata.get())
      return redeem(String(input), init)
    },
    async ready() {
      await metadata.get()
    },
    missing() {
      const missing: ReturnType<Issuer['missing']> = []
      if (!metadata.current()) missing.push('discovery')
      if (!keys?.kept.current()) missing.push('signing keys')
      return missing
    },
    async redeeming(code, onFailure, work) {
      const told = watchers.get(code) ?? new Set()
      watchers.set(code, told.add(onFailure))
      await work().finally(() => {
        told.delete(onFailure)
        if (told.size === 0) watchers.delete(code)
      })
    },
    async answers() {
      try {
        const signal = AbortSignal.timeout(1000)
        const response = await fetch(discoveryUrl, { method: 'HEAD', redirect: 'manual', signal })
        return response.status < 500
      } catch {
        return false
      }
    },
    async key(header, token) {
      await metadata.get()
      if (!keys) throw new OktaFailure('config', 'The signing keys are not known')
      const { kept } = keys
      // Somebody is at the door: asking once more is worth the wait, unless Okta asked for a pause.
      const known = await kept.get().catch((failure: OktaFailure) => {
        if (failure.kind === 'rate-limited') throw failure
        return kept.refresh()
      })
      try {
        return await known(header, token)
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      }
      if (!kept.isLoading()) countLookup()
      return (await kept.refresh())(header, token)
    },
    close() {
      metadata.close()
      keys?.kept.close()
    },
  }
}

/** The metadata must be that of our issuer and as safe as we rely on it to be (OpenID Connect Discovery section 4.3). */
function refuseUnsafe(document: Record<string, unknown>, issuer: string): void {
  const refuse = (why: string): never => {
    throw new OktaFailure('config', `The metadata of the authorization server ${why}`)
  }
  if (document.issuer !== issuer) refuse('names another issuer than OKTA_ISSUER')
  const methods = document.code_challenge_methods_supported
  if (!Array.isArray(methods) || !methods.includes('S256')) {
    refuse('does not announce PKCE with S256 (RFC 9700 section 2.1)')
  }
  for (const name of ['authorization_endpoint', 'token_endpoint', 'jwks_uri']) {
    if (!isSafeUrl(document[name])) refuse(`has no ${name} behind https`)
  }
}

async function fetchKeys(url: string): Promise<JWTVerifyGetKey> {
  const { document } = await fetchDocument(url, DOCUMENT_TIMEOUT_MS)
  const keys = Array.isArray(document.keys) ? document.keys : []
  if (!keys.some((key) => key?.kty === 'RSA')) {
    throw new OktaFailure('bad-answer', 'This is no set of keys that sign with RS256')
  }
  try {
    return createLocalJWKSet(document as unknown as JSONWebKeySet)
  } catch (error) {
    throw new OktaFailure('bad-answer', 'This is no set of keys', { cause: error })
  }
}

/** What the library would make a 400 of, as if it were the person's doing. A refused code is for the library. */
function refuseNoTokens(response: Response, text: string): void {
  const { status, headers } = response
  if (status === 401)
    throw new OktaFailure('client-credential', 'Okta does not accept our client id and secret', { status })
  if (status !== 200 && status !== 400) throw statusFailure(status, headers)
  const { error, access_token, id_token, token_type, expires_in = 0 } = parseObject(text)
  if (status === 400) {
    if (error === 'invalid_grant') return
    const ours = error === 'invalid_client' || error === 'unauthorized_client'
    throw new OktaFailure(ours ? 'client-credential' : 'bad-answer', 'Okta refused the request for tokens', {
      status,
    })
  }
  const isString = (value: unknown) => typeof value === 'string'
  const isBearer = isString(token_type) && String(token_type).toLowerCase() === 'bearer'
  if (!isString(access_token) || !isString(id_token) || !isBearer || typeof expires_in !== 'number') {
    throw new OktaFailure('bad-answer', 'The token endpoint answered without tokens', { status })
  }
}

function isSafeUrl(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value)) return false
  const { protocol, hostname } = new URL(value)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
}
