/** The page on which a developer makes the org fail. It works without JavaScript. */
import type { Fault } from './fault-list.js'
import type { Faults } from './faults.js'
import { type Done, onNow, tellDone } from './faults-on.js'
import { FELT_BY_GROUP, FELT_BY_NAME } from './felt.js'
import { page, toHtml } from './pages.js'
import { type LocalPerson, nameOf } from './people.js'

const HEADINGS: [group: Fault['group'], heading: string][] = [
  ['account', 'Accounts'],
  ['authorize', 'Authorize endpoint'],
  ['users', 'Users API'],
  ['groups', 'Users API: the groups of a person'],
  ['credentials', 'Service app'],
  ['token', 'Token endpoint'],
  ['discovery', 'Discovery'],
  ['keys', 'Signing keys'],
  ['clock', 'Clock'],
  ['org', 'The whole org'],
  ['management', 'Management API, which a set-up calls'],
]

/** Buttons that switch a fault off are in lists that belong to the form for switching on. */
const OFF_FORM = 'off'

export interface FaultsPage {
  faults: Faults
  people: LocalPerson[]
  /** The id of the key that signs. */
  keyId: string
  /** Whether the app can be restarted from here. */
  canForget: boolean
  /** What the developer has just done. */
  done?: Done
}

export function faultsPage(parts: FaultsPage): string {
  const { faults, people, done } = parts
  return page(
    'Make something fail',
    `${done ? tellDone(done, parts) : ''}      <p>Switch a fault on, use the app, and see what it does about it. Where several touch the same thing, the latest counts.</p>
      <div class="bench">
        <div class="now">
${onNow(faults, people)}
${forget(parts.canForget)}
        </div>
        <div class="faults">
          <form id="${OFF_FORM}" method="post" action="/faults"><input type="hidden" name="switch" value="off"></form>
${HEADINGS.map(([group, heading]) => groupOf(group, heading, parts)).join('\n')}
        </div>
      </div>`,
    '/faults',
  )
}

function forget(canForget: boolean): string {
  const button = `<form method="post" action="/faults/forget"><button type="submit">Forget what the app remembers</button></form>
            <p class="small">This restarts the app, within a second or two. Whoever is signed in stays signed in.</p>`
  const byHand =
    '<p class="small">To see such a fault at once, restart the app: then it remembers nothing.</p>'
  return `          <section aria-labelledby="memory">
            <h2 id="memory">What the app remembers</h2>
            <p>An app keeps Okta’s answers for a while. Until then it does not notice some of the faults.</p>
            ${canForget ? button : byHand}
          </section>`
}

function groupOf(group: Fault['group'], heading: string, { faults, people, keyId }: FaultsPage): string {
  const members = faults.list.filter((fault) => fault.group === group)
  const [first] = members
  if (!first) return ''
  const active = faults.active()
  const open = group === 'account' || members.some(({ name }) => active.some((one) => one.name === name))
  const felt = FELT_BY_GROUP[group]
  return `          <details${open ? ' open' : ''}>
            <summary><h2>${heading}</h2>${counted(faults.asked, group)}</summary>
            <p class="small"><strong>Felt:</strong> ${felt.when}${felt.soonerIfForgotten ? ' At once by an app that has forgotten what it remembers.' : ''}</p>
${group === 'keys' ? `            <p class="small">The org signs with the key <code>${toHtml(keyId)}</code>.</p>\n` : ''}            <form method="post" action="/faults">
              <input type="hidden" name="switch" value="on">
${first.perPerson ? choice(people) : ''}
              <ul>
${members.map((fault) => row(fault, active, people)).join('\n')}
              </ul>
            </form>
          </details>`
}

function choice(people: LocalPerson[]): string {
  const options = people.map((person) => {
    return `<option value="${toHtml(String(person.profile.login))}">${toHtml(nameOf(person))}</option>`
  })
  return `              <label>For <select name="person"><option value="">everybody</option>${options.join('')}</select></label>`
}

/** A fault that is on says so and has "Off"; if it is on for some people only, it can be switched on for others too. */
function row(fault: Fault, active: ReturnType<Faults['active']>, people: LocalPerson[]): string {
  const { name, perPerson } = fault
  const label = toHtml(fault.label)
  const logins = active.filter((one) => one.name === name).map(({ person }) => person)
  const isOn = logins.length > 0
  const names = logins.map((login) => {
    const found = people.find(({ profile }) => profile.login === login)
    return found ? toHtml(nameOf(found)) : 'everybody'
  })
  const word = name === 'keys-rotated' ? 'Now' : 'On'
  const on = `<button type="submit" name="fault" value="${name}" aria-label="${word}: ${label}">${word}</button>`
  const off = `<button class="off" type="submit" form="${OFF_FORM}" name="fault" value="${name}" aria-label="Off for everybody: ${label}">Off</button>`
  const mark = isOn ? ` <mark>${perPerson ? `on for ${names.join(', ')}` : 'on'}</mark>` : ''
  const otherwise = FELT_BY_NAME[name]
  const felt = otherwise ? ` <span class="small">${otherwise.when}</span>` : ''
  const mayAdd = !isOn || (perPerson && !logins.includes(null))
  return `                <li${isOn ? ' class="on"' : ''}><span class="what"><span>${label}${mark}</span> <code>${name}</code>${felt}</span> ${mayAdd ? on : ''}${isOn ? off : ''}</li>`
}

function counted(asked: Faults['asked'], group: Fault['group']): string {
  if (!(group in asked)) return ''
  const times = asked[group as keyof Faults['asked']]
  return ` <span class="small">${times === 0 ? 'not asked yet' : times === 1 ? 'asked once' : `asked ${times} times`}</span>`
}
