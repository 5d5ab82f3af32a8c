/** The pages of the local Okta. Each says that it is not Okta. */
import { type LocalPerson, nameOf } from './people.js'

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>${toHtml(title)} - local Okta</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/local-okta.css">
  </head>
  <body>
    <main>
      <p class="stand-in">This is not Okta. It is a stand-in on this machine, for development and tests.</p>
      <h1>${toHtml(title)}</h1>
${body}
    </main>
  </body>
</html>
`
}

/**
 * @param hint the login that the app expects: this person comes first, and has the focus
 * @param problem why the last try to sign in failed
 */
export function signInPage(people: LocalPerson[], hint?: unknown, problem?: string): string {
  const isExpected = ({ profile }: LocalPerson) => profile.login === hint
  const sorted = [...people].sort((a, b) => Number(isExpected(b)) - Number(isExpected(a)))
  const buttons = sorted.map((person) => {
    const login = toHtml(String(person.profile.login))
    const focus = isExpected(person) ? ' autofocus' : ''
    return `        <button type="submit" name="person" value="${login}"${focus}><strong>${toHtml(nameOf(person))}</strong> <span>${toHtml(person.shows)}</span></button>`
  })
  return page(
    'Sign in as',
    `${problem ? `      <p class="problem" role="alert">${toHtml(problem)}</p>\n` : ''}      <form method="post">
${buttons.join('\n')}
      </form>
      <p><small><a href="/faults">Make something fail</a></small></p>`,
  )
}

/** Okta's 400 page, and every other error page of the local Okta. */
export function errorPage(title: string, detail = 'Go back and start again.'): string {
  return page(title, `      <p>${toHtml(detail)}</p>`)
}

export function homePage(orgUrl: string): string {
  return page(
    'Local Okta',
    `      <p>The org is <code>${toHtml(orgUrl)}</code>. Its custom authorization server is <code>${toHtml(orgUrl)}/oauth2/default</code>.</p>
      <p>It imitates sign-in, tokens, sign-out, the Users API, and the management API calls that set an org up. It does not imitate passwords, factors, consent or the Admin Console.</p>
      <p><a href="/faults">Make something fail</a>, and see what the app does about it. <a href="/universal-logout">Sign a person out</a>, as an administrator can. <a href="/tile">Open the app as Okta’s dashboard does</a>.</p>`,
  )
}

export const STYLE = `:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { margin: 0; padding: 2rem 1rem; background: Canvas; color: CanvasText }
main { max-width: 28rem; margin: 0 auto }
.stand-in, .problem { padding: .75rem 1rem; border: 1px solid; border-left-width: 6px; border-radius: 4px }
.problem { border-color: light-dark(#b00020, #ff8a80) }
form { display: grid; gap: .75rem }
button { display: grid; padding: .7rem 1rem; font: inherit; text-align: left; cursor: pointer }
code { overflow-wrap: anywhere }
main:has(details) { max-width: 40rem }
h2 { margin: 0 0 .25rem; font-size: 1.1rem }
section, details { margin-top: 1rem; padding: .75rem 1rem; border: 1px solid light-dark(#bbb, #555); border-radius: 6px }
section:has(button) { border-color: light-dark(#b00020, #ff8a80) }
section > form { margin-top: .5rem; justify-items: end }
summary { cursor: pointer }
summary h2 { display: inline }
small, summary span { color: light-dark(#555, #bbb); font-size: .875rem }
li small, summary span, select { margin-left: .5rem }
select { max-width: 100%; padding: .3rem; font: inherit }
details form { margin-top: .75rem }
ul { margin: 0; padding: 0; list-style: none }
li, li form { display: flex; flex: 1; align-items: center; justify-content: space-between; gap: 1rem; margin: 0 }
li { padding: .3rem 0 }
li + li { border-top: 1px solid light-dark(#ddd, #444) }
li span { flex: 1 }
li button, section button { padding: .3rem 1rem }
mark { margin-left: .5rem; padding: 0 .4rem; border-radius: 1rem; font-size: .875rem; color: light-dark(#fff, #111); background: light-dark(#b00020, #ff8a80) }
`
