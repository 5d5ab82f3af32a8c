/** The people on the sign-in page of the local Okta. */

/** An Okta user as the Users API shows them, and what the org has decided about them. */
export interface LocalPerson {
  id: string
  /** What a developer sees who signs in as this person. The sign-in page and the banner have it. */
  shows: string
  /** Okta's user lifecycle: ACTIVE, SUSPENDED, … */
  status: string
  /** Whether an administrator has assigned the app to them. */
  assigned: boolean
  /** Whether the Users API knows them. It does not know a person who was deleted a moment ago. */
  known: boolean
  /** Whether the groups have them as members. A fault takes a person out of all of them. */
  inGroups?: boolean
  profile: Record<string, string | null>
  lastLogin: string | null
}

type Sketch = Pick<LocalPerson, 'shows'> &
  Partial<LocalPerson> & { name: [first: string, last: string]; login: string }

/** Makes new copies at each call, because tests suspend people and delete them. */
export function createPeople(): LocalPerson[] {
  const sketches: Sketch[] = [
    {
      name: ['Lion-O', 'of Thundera'],
      login: 'lion-o@thundera.example',
      shows: 'may enter; in Thundercats and Lair keepers',
    },
    {
      name: ['Cheetara', 'of Thundera'],
      login: 'cheetara@thundera.example',
      shows: 'may enter; in Thundercats',
    },
    {
      name: ['Mumm-Ra', 'the Ever-Living'],
      login: 'mumm-ra@thirdearth.example',
      shows: 'not assigned to the app',
      assigned: false,
    },
    {
      name: ['Slithe', 'of Plun-Darr'],
      login: 'slithe@thirdearth.example',
      shows: 'suspended',
      status: 'SUSPENDED',
    },
    {
      name: ['Jaga', 'the Wise'],
      login: 'jaga@thundera.example',
      shows: 'deleted: unknown to the Users API',
      known: false,
    },
  ]
  return sketches.map(({ name: [firstName, lastName], login, shows, ...decided }, index) => ({
    id: `00u${String(index + 1).padStart(17, '0')}`,
    shows,
    status: 'ACTIVE',
    assigned: true,
    known: true,
    profile: { firstName, lastName, login, email: login, mobilePhone: null, secondEmail: null },
    lastLogin: null,
    ...decided,
  }))
}

export function nameOf({ profile }: LocalPerson): string {
  return [profile.firstName, profile.lastName].filter(Boolean).join(' ')
}

export function maySignIn({ status }: LocalPerson): boolean {
  return ['ACTIVE', 'PASSWORD_EXPIRED', 'RECOVERY', 'PROVISIONED'].includes(status)
}
