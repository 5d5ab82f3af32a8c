/** The upper parts of the page of faults: what has just been done, and which faults are on. */
import type { Faults } from './faults.js'
import type { FaultsPage } from './faults-page.js'
import { feltBy } from './felt.js'
import { acknowledgement, toHtml } from './pages.js'
import { type LocalPerson, nameOf } from './people.js'

/** What the developer has just done. It stands in the address, so it is compared with what holds. */
export interface Done {
  what: string
  /** The name of the fault, if it is about one. */
  fault: string | undefined
}

export function tellDone({ what, fault: name }: Done, { faults, keyId, canForget }: FaultsPage): string {
  const fault = faults.list.find((one) => one.name === name)
  const active = faults.active()
  const isOn = active.some((one) => one.name === name)
  const label = fault && `<strong>${toHtml(fault.label)}.</strong>`
  if (what === 'forgotten')
    return acknowledgement('The app has restarted. It remembers nothing that Okta has told it.')
  if (what === 'on' && name === 'keys-rotated')
    return acknowledgement(
      `The keys were rotated. The org signs with the key <code>${toHtml(keyId)}</code> from now on, and has no other.`,
    )
  if (what === 'on' && fault && isOn) {
    const { when, soonerIfForgotten } = feltBy(fault)
    const sooner = soonerIfForgotten && canForget ? ' Sooner after “Forget what the app remembers”.' : ''
    return acknowledgement(`On: ${label} Felt: ${when}${sooner}`)
  }
  if (what === 'off' && fault)
    return acknowledgement(isOn ? `Still on for others: ${label}` : `Off: ${label}`)
  if (what === 'off' && active.length === 0) return acknowledgement('Everything is off.')
  return ''
}

export function onNow(faults: Faults, people: LocalPerson[]): string {
  const active = faults.active()
  return `          <section aria-labelledby="on-now"${active.length > 0 ? ' class="alarm"' : ''}>
            <h2 id="on-now">On now</h2>
${active.length > 0 ? listOf(faults, people) : '            <p>Nothing: the org answers as it should.</p>'}
          </section>`
}

function listOf(faults: Faults, people: LocalPerson[]): string {
  const rows = faults.active().map(({ name, person }) => {
    const label = toHtml(faults.list.find((fault) => fault.name === name)?.label ?? name)
    const who = people.find(({ profile }) => profile.login === person)
    const whom = who ? toHtml(nameOf(who)) : 'everybody'
    return `              <li><form method="post" action="/faults">
                <input type="hidden" name="fault" value="${name}">
                <input type="hidden" name="person" value="${toHtml(person ?? '')}">
                <span class="what">${label} <span class="small">for ${whom}</span></span>
                <button class="off" type="submit" name="switch" value="off" aria-label="Off: ${label}, for ${whom}">Off</button>
              </form></li>`
  })
  return `            <ul>
${rows.join('\n')}
            </ul>
            <form method="post" action="/faults"><button class="off" type="submit" name="switch" value="off">Everything off</button></form>`
}
