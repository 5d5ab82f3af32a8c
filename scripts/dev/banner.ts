/** What `npm run dev` prints about the running app. */
import { RESTART } from '../../local-okta/restart-app.js'
import type { LocalOkta } from '../../local-okta/server.js'
import type { AppConfig } from '../../src/config.js'
import { SITE } from '../../src/site.js'

export type RunningOkta = Pick<
  LocalOkta,
  'orgUrl' | 'issuer' | 'clientId' | 'clientSecret' | 'apiToken' | 'people'
>

/** Prints the banner, and after a restart one line. The banner comes again only if what it says has changed. */
export function createBanner(print: (text: string) => void) {
  let printed = ''

  return function tell(
    running: { config: AppConfig; localOkta: RunningOkta | undefined },
    ms: number,
    changed: string[],
  ): void {
    const seconds = (ms / 1000).toFixed(1)
    const { config, localOkta } = running
    const { baseUrl } = config
    const lines = localOkta ? linesForLocalOkta(localOkta) : linesForOwnOrg(config)
    const content = [baseUrl, ...lines].join('\n')
    if (content === printed) {
      print(`Restarted in ${seconds} s (${whyOf(changed)}).`)
      return
    }
    printed = content
    print(
      [
        '',
        `  ${SITE.name.padEnd(8)}  ${baseUrl} (ready in ${seconds} s; Ctrl-C stops it)`,
        '',
        ...lines,
        '',
      ].join('\n'),
    )
  }
}

function linesForLocalOkta({ orgUrl, people }: RunningOkta): string[] {
  return [
    `  Okta      ${orgUrl} (a local stand-in; no account needed)`,
    `  Faults    ${orgUrl}/faults (make something fail)`,
    ...people.map(({ profile, shows }, index) => {
      return `  ${index === 0 ? 'Sign in' : '       '}   ${String(profile.login).padEnd(28)} ${shows}`
    }),
    '',
    '  To use your own org, see "Connect your Okta org" in README.md.',
  ]
}

function linesForOwnOrg({ oktaOrgUrl, baseUrl }: AppConfig): string[] {
  return [
    `  Okta      ${oktaOrgUrl} (from your settings)`,
    `  Sign-in   redirect URI ${baseUrl}/callback`,
    `  Sign-out  redirect URI ${baseUrl}/`,
  ]
}

function whyOf(reasons: string[]): string {
  const [file, ...others] = reasons.filter((reason) => reason !== RESTART)
  if (file === undefined) return 'to forget what it remembered'
  if (others.length === 0) return `${file} changed`
  return `${file} and ${others.length} other ${others.length === 1 ? 'file' : 'files'} changed`
}
