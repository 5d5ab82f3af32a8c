/** The page on which a developer makes the org fail. It works without JavaScript. */
import type { Fault } from './fault-list.js'
import type { Faults } from './faults.js'
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

export function faultsPage(faults: Faults, people: LocalPerson[]): string {
  const active = faults.active()
  const isOn = ({ name }: Fault) => active.some((one) => one.name === name)
  const groups = HEADINGS.map(([group, heading]) => {
    const members = faults.list.filter((fault) => fault.group === group)
    const open = group === 'account' || members.some(isOn)
    return `      <details${open ? ' open' : ''}>
        <summary><h2>${heading}</h2>${counted(faults.asked, group)}</summary>
        <form method="post" action="/faults">
          <input type="hidden" name="switch" value="on">
${members[0]?.perPerson ? choice(people) : ''}
          <ul>
${members.map((fault) => row(fault, isOn(fault))).join('\n')}
          </ul>
        </form>
      </details>`
  })
  return page(
    'Make something fail',
    `      <p>Switch a fault on, use the app, and see what it does about it. Where several touch the same thing, the latest counts. You can also <a href="/universal-logout">sign a person out</a>, as an administrator can.</p>
      <section aria-labelledby="on-now">
        <h2 id="on-now">On now</h2>
${active.length > 0 ? whatIsOn(faults, people) : '        <p>Nothing: the org answers as it should.</p>'}
      </section>
${groups.join('\n')}`,
  )
}

function whatIsOn(faults: Faults, people: LocalPerson[]): string {
  const rows = faults.active().map(({ name, person }) => {
    const label = toHtml(faults.list.find((fault) => fault.name === name)?.label ?? name)
    const who = people.find(({ profile }) => profile.login === person)
    const whom = who ? toHtml(nameOf(who)) : 'everybody'
    return `          <li><form method="post" action="/faults">
            <input type="hidden" name="fault" value="${name}">
            <input type="hidden" name="person" value="${toHtml(person ?? '')}">
            <span>${label}<small>for ${whom}</small></span>
            <button type="submit" name="switch" value="off" aria-label="Off: ${label}, for ${whom}">Off</button>
          </form></li>`
  })
  return `        <ul>
${rows.join('\n')}
        </ul>
        <form method="post" action="/faults"><button type="submit" name="switch" value="off">Everything off</button></form>`
}

function choice(people: LocalPerson[]): string {
  const options = people.map((person) => {
    return `<option value="${toHtml(String(person.profile.login))}">${toHtml(nameOf(person))}</option>`
  })
  return `          <label>For <select name="person"><option value="">everybody</option>${options.join('')}</select></label>`
}

function row({ name, label }: Fault, isOn: boolean): string {
  const button = name === 'keys-rotated' ? 'Now' : 'On'
  const mark = isOn ? '<mark>on</mark>' : ''
  return `            <li><span>${toHtml(label)}${mark}<small><code>${name}</code></small></span> <button type="submit" name="fault" value="${name}" aria-label="${button}: ${toHtml(label)}">${button}</button></li>`
}

function counted(asked: Faults['asked'], group: Fault['group']): string {
  if (!(group in asked)) return ''
  const times = asked[group as keyof Faults['asked']]
  return ` <span>${times === 0 ? 'not asked yet' : times === 1 ? 'asked once' : `asked ${times} times`}</span>`
}
