/** A person as a card that is a button, on the sign-in page and where sessions are ended. */
import { toHtml } from './pages.js'
import { type LocalPerson, nameOf } from './people.js'

export interface PersonCard {
  person: LocalPerson
  groups: string[]
  /** What the button does, in a few words, and whether it ends well. */
  does: string
  why: string
  isGood: boolean
}

/** @param focus whether the page opens with the focus on this card */
export function personCard({ person, groups, does, why, isGood }: PersonCard, focus = false): string {
  const login = toHtml(String(person.profile.login))
  const chips = groups.map((group) => `<span>${toHtml(group)}</span>`)
  const state = person.known ? person.status : 'DELETED'
  return `        <button class="person" type="submit" name="person" value="${login}"${focus ? ' autofocus' : ''}>
          <span class="name"><strong>${toHtml(nameOf(person))}</strong> <span class="login">${login}</span></span>
          <span class="chips"><span class="state${state === 'ACTIVE' ? '' : ' other'}">${toHtml(state)}</span> ${chips.join(' ')}</span>
          <span class="does ${isGood ? 'good' : 'bad'}"><strong>${toHtml(does)}</strong> ${toHtml(why)}</span>
        </button>`
}
