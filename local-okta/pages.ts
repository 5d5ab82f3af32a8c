/** The frame of every page of the local Okta. It says that it is not Okta, and leads back to the app. */

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const WAYS = [
  ['/', 'The org'],
  ['/faults', 'Make something fail'],
  ['/universal-logout', 'Sign a person out'],
  ['/app', 'Back to the app'],
] as const

export function toHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/** @param here the path of this page, if the navigation has it */
export function page(title: string, body: string, here?: (typeof WAYS)[number][0]): string {
  const ways = WAYS.map(([path, name]) => {
    return `<a href="${path}"${path === here ? ' aria-current="page"' : ''}>${name}</a>`
  })
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
    <header>
      <p>This is not Okta. It is a stand-in on this machine, for development and tests.</p>
      <nav aria-label="Local Okta">${ways.join(' ')}</nav>
    </header>
    <main>
      <h1>${toHtml(title)}</h1>
${body}
    </main>
  </body>
</html>
`
}

export function forTheDeveloper(reason: string): string {
  return `For the developer: ${reason.replace(/\.$/, '')}.`
}

/** Okta's 400 page, and every other error page of the local Okta. */
export function errorPage(title: string, detail = 'Go back to the app and start again.'): string {
  return page(title, `      <p class="problem">${toHtml(detail)}</p>`)
}

/**
 * What has just been done. The focus is here, so that a screen reader begins with it.
 * @param isDone whether it has worked
 */
export function acknowledgement(html: string, isDone = true): string {
  return `      <div class="${isDone ? 'done' : 'problem'}" role="status" tabindex="-1" autofocus>${html}</div>`
}
