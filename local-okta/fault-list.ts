/** Every fault that the app can meet, by name and in plain words. */
import { type BrokenAnswer, brokenAnswers, type Dependency } from './broken-answers.js'
import type { Call } from './management/authorization.js'
import type { LocalPerson } from './people.js'

export interface Fault {
  name: string
  group: 'account' | 'authorize' | Dependency | 'clock' | 'org' | 'management'
  /** Plain words: "The Users API never answers". */
  label: string
  perPerson: boolean
}

/** Why the custom authorization server lets nobody sign in. */
export type Refusal = 'no-access-policy' | 'no-feature'

/** A fault, and what it does: to authorizing, to an answer, to an account, or to the clock. */
export interface FaultEntry extends Fault {
  refusal?: Refusal
  answer?: BrokenAnswer['answer']
  decided?: Partial<LocalPerson>
  skewSeconds?: number
  /** For faults of the management API: whether a call of it fails. */
  concerns?: (call: Call) => boolean
  /** What the app gets instead of the metadata of an authorization server, while another part of Okta is at fault. */
  inDiscovery?: BrokenAnswer['answer']
}

const status = (status: string) => ({ status })

const ACCOUNTS: [name: string, label: string, decided: Partial<LocalPerson>][] = [
  ['suspended', 'Account suspended', status('SUSPENDED')],
  ['deprovisioned', 'Account deactivated', status('DEPROVISIONED')],
  ['staged', 'Account staged: not activated yet', status('STAGED')],
  ['provisioned', 'Account provisioned: activation pending', status('PROVISIONED')],
  ['locked-out', 'Account locked out', status('LOCKED_OUT')],
  ['password-expired', 'Password expired', status('PASSWORD_EXPIRED')],
  ['recovery', 'Password in recovery', status('RECOVERY')],
  ['deleted', 'Account deleted: unknown to the Users API', { known: false }],
  ['not-assigned', 'Not assigned to the app', { assigned: false }],
  ['in-no-group', 'Taken out of all groups', { inGroups: false }],
]

const REFUSALS: [name: string, label: string, refusal: Refusal][] = [
  ['policy-evaluation-failed', 'No access policy lets anybody in, as in a new org', 'no-access-policy'],
  ['feature-not-enabled', 'Okta’s own page says that a feature is not enabled', 'no-feature'],
]

const CLOCKS: [name: string, words: string, seconds: number][] = [
  ['30s', '30 seconds', 30],
  ['5min', '5 minutes', 5 * 60],
  ['1h', 'an hour', 60 * 60],
]

export const FAULTS: readonly FaultEntry[] = [
  ...ACCOUNTS.map(([name, label, decided]) => {
    return { name: `account-${name}`, group: 'account' as const, label, perPerson: true, decided }
  }),
  ...REFUSALS.map(([name, label, refusal]) => {
    return { name: `authorize-${name}`, group: 'authorize' as const, label, perPerson: false, refusal }
  }),
  ...(['users', 'groups', 'credentials', 'token', 'discovery', 'keys'] as const).flatMap((group) => {
    const perPerson = ['users', 'groups', 'token'].includes(group)
    return brokenAnswers(group).map((broken) => ({ ...broken, group, perPerson }))
  }),
  {
    name: 'credentials-token-refused',
    group: 'credentials',
    label: 'The Users API accepts no access token',
    perPerson: false,
  },
  { name: 'keys-rotated', group: 'keys', label: 'Sign with a new key from now on', perPerson: false },
  ...CLOCKS.flatMap(([name, words, seconds]) =>
    (['ahead', 'behind'] as const).map((where) => ({
      name: `clock-${name}-${where}`,
      group: 'clock' as const,
      label: `Okta’s clock is ${words} ${where}`,
      perPerson: false,
      skewSeconds: where === 'ahead' ? seconds : -seconds,
    })),
  ),
  { name: 'org-down', group: 'org', label: 'Nothing listens for 20 seconds', perPerson: false },
]
