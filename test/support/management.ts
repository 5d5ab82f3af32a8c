/** Calls the management API of a local Okta, as an administrator does. */
import type { LocalOkta } from '../../local-okta/server.js'

export interface Answer {
  status: number
  headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it expects in the answer
  body: any
}

/** `path` begins with a slash: `/apps` is below `/api/v1`, and `/oauth2/…` is as it is. */
export type Ask = (method: string, path: string, body?: unknown) => Promise<Answer>

/** @param authorization by default the org's API token */
export function management(okta: LocalOkta, authorization = `SSWS ${okta.apiToken}`): Ask {
  return async (method, path, body) => {
    const url = `${okta.orgUrl}${path.startsWith('/oauth2/') ? '' : '/api/v1'}${path}`
    const answer = await fetch(url, {
      method,
      headers: {
        Authorization: authorization,
        Accept: 'application/json',
        'Content-Type': 'application/json',
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? undefined : JSON.parse(text),
    }
  }
}

/** A web app as a set-up sends it. */
export function webApp(label: string, baseUrl = 'http://localhost:3000') {
  return {
    name: 'oidc_client',
    label,
    signOnMode: 'OPENID_CONNECT',
    credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic', pkce_required: true } },
    settings: {
      oauthClient: {
        application_type: 'web',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [`${baseUrl}/callback`],
        post_logout_redirect_uris: [`${baseUrl}/`],
      },
    },
  }
}

/** A policy for these clients. */
export function policyFor(...clients: string[]) {
  return {
    type: 'OAUTH_AUTHORIZATION_POLICY',
    status: 'ACTIVE',
    name: 'The lair',
    description: 'Lets people into the lair',
    priority: 1,
    conditions: { clients: { include: clients } },
  }
}

/** A rule that lets in everybody who signs in, with the scopes that the app asks for. */
export function ruleForEveryone() {
  return {
    type: 'RESOURCE_ACCESS',
    name: 'Everybody',
    priority: 1,
    conditions: {
      people: { groups: { include: ['EVERYONE'] } },
      grantTypes: { include: ['authorization_code'] },
      scopes: { include: ['openid', 'profile', 'email'] },
    },
    actions: {
      token: {
        accessTokenLifetimeMinutes: 60,
        refreshTokenLifetimeMinutes: 0,
        refreshTokenWindowMinutes: 10080,
      },
    },
  }
}
