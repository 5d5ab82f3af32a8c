/** The page on which a person picks who they are: one form, in which each person is a button. */
import { page, toHtml } from './pages.js'
import { type PersonCard, personCard } from './person-card.js'

export interface SignInPage {
  cards: PersonCard[]
  /** The login that the app expects: this person comes first, and has the focus. */
  hint: unknown
  /** Where the app takes the answer. */
  redirectUri: unknown
  /** How many faults are on. */
  faults: number
  /** Why the last try to sign in failed. */
  problem?: string
}

export function signInPage({ cards, hint, redirectUri, faults, problem }: SignInPage): string {
  const isExpected = ({ person }: PersonCard) => person.profile.login === hint
  const sorted = [...cards].sort((a, b) => Number(isExpected(b)) - Number(isExpected(a)))
  const app = URL.canParse(String(redirectUri)) ? new URL(String(redirectUri)).host : 'the app'
  return page(
    'Sign in as',
    `      <p>For the app at <strong>${toHtml(app)}</strong>. There are no passwords: pick who you are.</p>
${problem ? `      <p class="problem" role="alert">${toHtml(problem)}</p>\n` : ''}${faults > 0 ? noticeOf(faults) : ''}      <form class="people" method="post">
${sorted.map((card) => personCard(card, isExpected(card))).join('\n')}
      </form>`,
  )
}

function noticeOf(faults: number): string {
  const what = faults === 1 ? 'One fault is on' : `${faults} faults are on`
  return `      <p class="problem">${what}. <a href="/faults">Look at the faults</a></p>\n`
}
