/** The sign-in page, between the app's authorize request and the callback. */
import type { Request, RequestHandler, Response } from 'express'
import type { Provider } from './oidc-provider.js'
import { OWN_PAGES } from './okta-words.js'
import { type OutlookParts, outlookOf } from './outlook.js'
import { errorPage } from './pages.js'
import { type LocalPerson, maySignIn } from './people.js'
import { signInPage } from './sign-in-page.js'
import { DENIALS } from './sign-in-policy.js'

export interface SignInStepsParts extends OutlookParts {
  current(): Provider
  people: LocalPerson[]
  effective(person: LocalPerson): LocalPerson
  /** The names of the person's groups. */
  groupsOf(personId: string): string[]
  /** How many faults are on. */
  faultsOn(): number
}

export function signInSteps({ current, people, effective, groupsOf, faultsOn, ...rules }: SignInStepsParts) {
  function pageFor(params: Record<string, unknown>, problem?: string): string {
    const scopes = String(params.scope).split(' ')
    const cards = people.map(effective).map((person) => ({
      person,
      groups: groupsOf(person.id),
      ...outlookOf({ person, clientId: String(params.client_id), scopes }, rules),
    }))
    const { login_hint: hint, redirect_uri: redirectUri } = params
    return signInPage({ cards, hint, redirectUri, faults: faultsOn(), ...(problem && { problem }) })
  }

  async function show(req: Request, res: Response): Promise<void> {
    const provider = current()
    const { prompt, params } = await provider.interactionDetails(req, res)
    if (prompt.name === 'login') return void res.send(pageFor(params))
    await provider.interactionFinished(req, res, {
      error: 'access_denied',
      error_description: DENIALS[prompt.name],
    })
  }

  async function pick(req: Request, res: Response): Promise<void> {
    const provider = current()
    const { params } = await provider.interactionDetails(req, res)
    const { person: login } = (req.body ?? {}) as { person?: string }
    const person = people.find(({ profile }) => profile.login === login)
    if (!person || !maySignIn(effective(person)))
      return void res.status(401).send(pageFor(params, OWN_PAGES.account))
    person.lastLogin = new Date().toISOString()
    const returnTo = await provider.interactionResult(req, res, {
      login: { accountId: person.id, amr: ['pwd'] },
    })
    const session = await provider.Session.get(provider.createContext(req, res)) // another tab may have changed it
    if (session.accountId && session.accountId !== person.id) {
      // Another person signs in here. oidc-provider would sign the first person out by a page with a script.
      delete session.accountId
      session.authorizations = {}
      await session.persist()
    }
    res.redirect(303, returnTo)
  }

  const onError = (step: (req: Request, res: Response) => Promise<void>): RequestHandler => {
    return async (req, res) => {
      try {
        await step(req, res)
      } catch {
        res.status(400).send(errorPage('This sign-in has expired'))
      }
    }
  }
  return { show: onError(show), pick: onError(pick) }
}
