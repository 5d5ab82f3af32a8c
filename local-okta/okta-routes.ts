/** The addresses of an authorization server at which Okta answers otherwise than oidc-provider does, or in other words. */
import express, { Router } from 'express'
import type { Provider } from './oidc-provider.js'
import { type SignInStepsParts, signInSteps } from './sign-in-steps.js'
import { signOut } from './sign-out.js'
import { type TokenEndpointsParts, tokenEndpoints } from './token-endpoints.js'

export interface OktaRoutesParts extends TokenEndpointsParts, SignInStepsParts {
  /** The path below which people sign in. */
  signIn: string
  /** The path of the server's own endpoints. */
  endpoints: string
  current(): Provider
}

export function oktaRoutes({ signIn, endpoints, ...parts }: OktaRoutesParts): Router {
  const form = express.urlencoded({ extended: false })
  const { current } = parts
  const steps = signInSteps(parts)
  const { introspect, revoke } = tokenEndpoints(parts)
  const router = Router()
  router.route(`${signIn}/:uid`).get(steps.show).post(form, steps.pick)
  router.post(`${endpoints}/introspect`, form, introspect)
  router.post(`${endpoints}/revoke`, form, revoke)
  router.route(`${endpoints}/logout`).get(signOut(current)).post(form, signOut(current))
  return router
}
