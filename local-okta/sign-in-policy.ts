/** Who may sign in, in Okta's order: the person signs in, is assigned to the app, and an access policy allows it. */
import type { Refusal } from './fault-list.js'
import { interactionPolicy } from './oidc-provider.js'
import { SENT_BACK } from './okta-words.js'
import { type LocalPerson, maySignIn } from './people.js'

/** A sign-in that has got as far as the app: who, with which app, and for which scopes. */
export interface Admission {
  person: LocalPerson
  clientId: string
  scopes: string[]
}

/** What Okta tells the app when a check fails after the person has signed in: the `error_description`, by prompt. */
export const DENIALS: Record<string, string> = {
  assignment: SENT_BACK.notAssigned,
  access_policy: SENT_BACK.accessPolicy,
}

export interface SignInPolicyParts {
  person(id: string): LocalPerson | undefined
  /** Why this server lets nobody sign in, if it does not. */
  refusal(): Refusal | undefined
  isAssigned(admission: Admission): boolean
  /** Whether an access policy lets them in. */
  isLetIn(admission: Admission): boolean
}

export function signInPolicy({ person, refusal, isAssigned, isLetIn }: SignInPolicyParts) {
  const { base, Check, Prompt } = interactionPolicy
  const policy = base()
  policy.get('login')?.checks.add(
    new Check('session_ended', 'the Okta session is over', (ctx) => {
      const id = ctx.oidc.session?.accountId
      const found = id ? person(id) : undefined
      return id !== undefined && (found === undefined || !maySignIn(found))
    }),
  )
  policy.get('consent')?.checks.clear() // an administrator has consented for everybody, so `prompt=consent` asks nothing
  const deny = (prompt: string, applies: (admission: Admission) => boolean) => {
    const check = new Check(`no_${prompt}`, DENIALS[prompt] ?? '', 'access_denied', (ctx) => {
      const { session, client, requestParamScopes } = ctx.oidc
      const found = session?.accountId ? person(session.accountId) : undefined
      const scopes = [...requestParamScopes]
      return found !== undefined && applies({ person: found, clientId: client?.clientId ?? '', scopes })
    })
    policy.add(new Prompt({ name: prompt, requestable: false }, check))
  }
  deny('assignment', (admission) => !isAssigned(admission))
  deny('access_policy', (admission) => refusal() === 'no-access-policy' || !isLetIn(admission))
  return policy
}
