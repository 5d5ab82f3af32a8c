/** What will happen when a person signs in: by the same rules, in the same order as sign-in-policy.ts. */
import { type LocalPerson, maySignIn } from './people.js'
import type { Admission, SignInPolicyParts } from './sign-in-policy.js'

export interface Outlook {
  does: string
  why: string
  /** Whether Okta signs the person in, and has nothing to say against them afterwards. */
  isGood: boolean
}

export type OutlookParts = Pick<SignInPolicyParts, 'refusal' | 'isAssigned' | 'isLetIn'>

export function outlookOf(admission: Admission, { refusal, isAssigned, isLetIn }: OutlookParts): Outlook {
  const { shows } = admission.person
  if (!maySignIn(admission.person)) return { does: 'Okta refuses them', why: shows, isGood: false }
  const back = 'Okta sends them back to the app'
  if (!isAssigned(admission)) return { does: back, why: shows, isGood: false }
  if (refusal() === 'no-access-policy' || !isLetIn(admission))
    return { does: back, why: 'no access policy lets them in', isGood: false }
  return { does: 'Okta signs them in', why: shows, isGood: isActive(admission.person) }
}

function isActive({ known, status }: LocalPerson): boolean {
  return known && status === 'ACTIVE'
}
