/** Who may sign in, in Okta's order: the person signs in, is assigned to the app, and an access policy allows it. */
import type { Refusal } from './fault-list.js'
import { interactionPolicy } from './oidc-provider.js'
import { type LocalPerson, maySignIn } from './people.js'

/** What Okta tells the app when a check fails after the person has signed in: the `error_description`, by prompt. */
export const DENIALS: Record<string, string> = {
  assignment: 'User is not assigned to the client application.',
  access_policy: 'Policy evaluation failed for this request, please check the policy configurations.',
}

export function signInPolicy(
  person: (id: string) => LocalPerson | undefined,
  refusal: () => Refusal | undefined,
) {
  const { base, Check, Prompt } = interactionPolicy
  const policy = base()
  policy.get('login')?.checks.add(
    new Check('session_ended', 'the Okta session is over', (ctx) => {
      const id = ctx.oidc.session?.accountId
      const found = id ? person(id) : undefined
      return id !== undefined && (found === undefined || !maySignIn(found))
    }),
  )
  policy.remove('consent')
  const deny = (prompt: string, applies: (id: string) => boolean) => {
    const check = new Check(`no_${prompt}`, DENIALS[prompt] ?? '', 'access_denied', (ctx) => {
      const id = ctx.oidc.session?.accountId
      return id !== undefined && applies(id)
    })
    policy.add(new Prompt({ name: prompt, requestable: false }, check))
  }
  deny('assignment', (id) => person(id)?.assigned === false)
  deny('access_policy', () => refusal() === 'no-access-policy')
  return policy
}
