/** The page on which a developer is the administrator who ends a person's sessions. It works without JavaScript. */
import express, { Router } from 'express'
import { noStore } from './answer-headers.js'
import { acknowledgement, errorPage, page, toHtml } from './pages.js'
import { type LocalPerson, nameOf } from './people.js'
import { personCard } from './person-card.js'
import type { SendUniversalLogout } from './universal-logout.js'

const PATH = '/universal-logout'

export interface UniversalLogoutPageParts {
  people: LocalPerson[]
  effective(person: LocalPerson): LocalPerson
  /** The names of the person's groups. */
  groupsOf(personId: string): string[]
  /** The endpoint of the app; `undefined` while the org has no app. */
  endpoint(): string | undefined
  /** Ends the person's sessions at Okta. */
  endSessions(personId: string): void
  send: SendUniversalLogout
}

export function universalLogoutPage(parts: UniversalLogoutPageParts): Router {
  const { people, effective, groupsOf, endpoint, endSessions, send } = parts
  const router = Router()

  function pageWith(done: string): string {
    const asked = endpoint()
    const cards = people.map(effective).map((person) => {
      return personCard({
        person,
        groups: groupsOf(person.id),
        does: 'End all sessions',
        why: '',
        isGood: false,
      })
    })
    return page(
      'Sign a person out',
      `${done}      <p>An administrator ends the sessions of a person, at Okta and in the app (Universal Logout). ${asked ? `The app is asked at <code>${toHtml(asked)}</code>.` : 'There is no app to ask.'}</p>
      <form class="people" method="post" action="${PATH}">
${cards.join('\n')}
      </form>`,
      PATH,
    )
  }

  router.use(noStore)

  router.get('/', (_req, res) => void res.send(pageWith('')))

  router.post('/', express.urlencoded({ extended: false }), async (req, res) => {
    const login = (req.body as { person?: unknown } | undefined)?.person
    const person = people.find(({ profile }) => profile.login === login)
    if (!person) return void res.status(400).send(errorPage('Nobody here has this login'))
    endSessions(person.id)
    const status = endpoint() === undefined ? undefined : await statusOf(send(person))
    const told = `<strong>${toHtml(nameOf(person))} is signed out at Okta.</strong> ${answerIn(status)}`
    res.send(pageWith(acknowledgement(told, status === undefined || status === 204)))
  })
  return router
}

/** @returns `null` if the app does not answer */
async function statusOf(sent: Promise<Response>): Promise<number | null> {
  try {
    return (await sent).status
  } catch {
    return null
  }
}

function answerIn(status: number | null | undefined): string {
  if (status === undefined) return ''
  if (status === null) return 'The app did not answer.'
  return `The app answered ${status}. Okta’s word for “done” is 204.`
}
