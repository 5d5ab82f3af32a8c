/**
 * Okta's sentences for what it refuses while somebody signs in or out, as people have quoted them. A test compares
 * docs/troubleshooting.md with them.
 */

/** On pages of Okta's own, from which the browser does not go back: the app never hears of these. */
export const OWN_PAGES = {
  title: 'Your request resulted in an error',
  // Okta adds a colon and the address of the app in the Admin Console.
  redirectUri: "The 'redirect_uri' parameter must be a Login redirect URI in the client app settings",
  signOutUri:
    "The 'post_logout_redirect_uri' parameter must be a Logout redirect URI in the client app settings",
  client: "Invalid value for 'client_id' parameter.",
  feature: 'The requested feature is not enabled in this environment.',
  account: 'Unable to sign in',
} as const

/** In the callback, as `error_description`. The app compares them with `src/sign-in/refusals.ts`, and shows none. */
export const SENT_BACK = {
  notAssigned: 'User is not assigned to the client application.',
  accessPolicy: 'Policy evaluation failed for this request, please check the policy configurations.',
  unknownScope: 'One or more scopes are not configured for the authorization server resource.',
  unknownScopeOfOrg: 'Custom scopes are not allowed for this request.',
  stateMissing: "The authentication request has an invalid 'state' parameter.",
  scopeMissing:
    "The authorization server resource does not have any configured default scopes, 'scope' must be provided.",
  pkceOfApp: 'PKCE code challenge is required by the application.',
  pkceMissing: "PKCE code challenge is required when the token endpoint authentication method is 'NONE'.",
} as const
