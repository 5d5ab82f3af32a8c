/** An app's side of a sign-in at the local Okta, step by step, without a library. */
import type { LocalOkta } from '../../local-okta/server.js'
import { type Page, Visitor } from './visitor.js'

export const APP = 'http://localhost:3000'
export const LION_O = 'lion-o@thundera.example'

/** The two authorization servers, each by the URL of its endpoints. */
export const endpointsOf = (okta: LocalOkta) => ({
  custom: `${okta.issuer}/v1`,
  org: `${okta.orgUrl}/oauth2/v1`,
})

/** @param changes parameters that are added, changed or, with `undefined`, left out */
export function authorizeUrl(
  okta: LocalOkta,
  changes: Record<string, string | undefined> = {},
  endpoints = endpointsOf(okta).custom,
): string {
  const parameters = {
    client_id: okta.clientId,
    response_type: 'code',
    scope: 'openid profile email',
    redirect_uri: `${APP}/callback`,
    state: 'the-state',
    ...changes,
  }
  const given = Object.entries(parameters).filter((one): one is [string, string] => one[1] !== undefined)
  return `${endpoints}/authorize?${new URLSearchParams(given)}`
}

/** Signs a person in, by default Lion-O. @returns the answer that leads back to the app, or the page that Okta shows instead */
export async function signInAt(url: string, visitor: Visitor, login = LION_O): Promise<Page> {
  const follow = async (page: Page) => {
    let last = page
    while (last.location && !last.location.startsWith(APP)) last = await visitor.ask(last.location)
    return last
  }
  const page = await follow(await visitor.ask(url))
  if (!page.text.includes('name="person"')) return page
  return follow(await visitor.ask(page.url, { method: 'post', form: { person: login } }))
}

export function post(url: string, form: Record<string, string>, headers: Record<string, string> = {}) {
  return fetch(url, { method: 'POST', body: new URLSearchParams(form), headers })
}

export interface Tokens {
  access_token: string
  id_token: string
  refresh_token?: string
  scope: string
}

/** What the endpoints answer: tokens, an error, or metadata. */
export type Answer = Tokens & { error: string } & Record<string, unknown>

export const json = async (response: Response) => (await response.json()) as Answer

export const secretOf = ({ clientId, clientSecret }: LocalOkta) => ({
  client_id: clientId,
  client_secret: clientSecret,
})

export async function tokensFor(
  okta: LocalOkta,
  scope = 'openid profile email',
  endpoints = endpointsOf(okta).custom,
): Promise<Tokens> {
  const back = await signInAt(authorizeUrl(okta, { scope }, endpoints), new Visitor(okta.orgUrl))
  const code = new URL(back.location ?? '').searchParams.get('code') ?? ''
  const grant = { grant_type: 'authorization_code', code, redirect_uri: `${APP}/callback` }
  return json(await post(`${endpoints}/token`, { ...grant, ...secretOf(okta) }))
}
