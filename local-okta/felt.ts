/** When an app feels a fault that is switched on now, in words for the page of faults. docs/faults.md has the answers. */
import type { Fault } from './fault-list.js'

export interface Felt {
  when: string
  /** Whether an app that has forgotten everything feels it sooner. */
  soonerIfForgotten: boolean
}

const RECORD = 'when the app’s record of the person is older than USER_CACHE_SECONDS'

const IF_GROUPS_COUNT = {
  when: `By an app that asks for groups (LAIR_GROUPS): at the next page, ${RECORD}.`,
  soonerIfForgotten: true,
}

export const FELT_BY_GROUP: Record<Fault['group'], Felt> = {
  account: {
    when: `At the next sign-in. By somebody who is signed in: ${RECORD}, or sooner.`,
    soonerIfForgotten: true,
  },
  authorize: { when: 'At the next sign-in.', soonerIfForgotten: false },
  users: { when: `At the next page, ${RECORD}.`, soonerIfForgotten: true },
  groups: IF_GROUPS_COUNT,
  credentials: {
    when: 'By an app with a service app instead of an API token: when it needs its next access token, within an hour.',
    soonerIfForgotten: true,
  },
  token: { when: 'At the next sign-in.', soonerIfForgotten: false },
  discovery: {
    when: 'When the app starts. While it runs, the metadata that it has serves for a day.',
    soonerIfForgotten: true,
  },
  keys: {
    when: 'When the app starts, and when it meets a key that it does not know: sign with a new key, too. While it runs, the keys that it has serve for a day.',
    soonerIfForgotten: true,
  },
  clock: { when: 'At the next sign-in.', soonerIfForgotten: false },
  org: { when: `At once by a sign-in. By somebody who is signed in: ${RECORD}.`, soonerIfForgotten: true },
  management: {
    when: 'When a set-up, a check of the settings, or Universal Logout with an e-mail address asks.',
    soonerIfForgotten: false,
  },
}

const AT_SIGN_IN_ONLY = { when: 'At the next sign-in only.', soonerIfForgotten: false }
const BY_STRICT_APPS = {
  when: 'By apps that do not let such people in. This project’s app does.',
  soonerIfForgotten: false,
}

/** Faults that are felt at another time than the rest of their group. */
export const FELT_BY_NAME: Record<string, Felt> = {
  'account-in-no-group': IF_GROUPS_COUNT,
  'account-locked-out': AT_SIGN_IN_ONLY,
  'account-not-assigned': AT_SIGN_IN_ONLY,
  'account-password-expired': BY_STRICT_APPS,
  'account-recovery': BY_STRICT_APPS,
  'credentials-token-refused': {
    when: `By an app with a service app instead of an API token: at the next page, ${RECORD}.`,
    soonerIfForgotten: true,
  },
  'discovery-other-issuer': {
    when: 'When the app asks for the metadata next: at its start, and every ten minutes.',
    soonerIfForgotten: true,
  },
  'keys-rotated': {
    when: 'At the next sign-in, for which the app needs the new key.',
    soonerIfForgotten: false,
  },
}

export function feltBy({ name, group }: Pick<Fault, 'name' | 'group'>): Felt {
  return FELT_BY_NAME[name] ?? FELT_BY_GROUP[group]
}
