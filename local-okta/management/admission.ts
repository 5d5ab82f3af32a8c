/** What the authorization servers ask about the apps and policies of the org. */
import type { AdapterPayload } from '../oidc-provider.js'
import type { Admission } from '../sign-in-policy.js'
import { clientOf } from './app.js'
import { isAssigned, type Org } from './org.js'
import { ruleFor } from './policy.js'

export function createAdmissions(org: Org) {
  return {
    /** The app as oidc-provider knows it, just as the management API has left it. */
    client(clientId: string): AdapterPayload | undefined {
      const app = org.appOf(clientId)
      return app && clientOf(app)
    },
    isAssigned({ clientId, person }: Admission): boolean {
      const app = org.appOf(clientId)
      return app !== undefined && isAssigned(org, app, person)
    },
    isLetIn({ clientId, person, scopes }: Admission): boolean {
      const asked = { clientId, personId: person.id, grantType: 'authorization_code', scopes }
      return ruleFor(org.policies, org.groups, asked) !== undefined
    },
    groupsOf(personId: string): string[] {
      return org.groupsOf(personId).map(({ name }) => name)
    },
    needsPkce(clientId: string): boolean {
      return org.appOf(clientId)?.sent.credentials.oauthClient.pkce_required ?? false
    },
  }
}
