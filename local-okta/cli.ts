/** npm run okta: the local Okta alone, with fixed credentials. It prints them as a `.env` file. Ctrl-C ends it. */
import { type CliOptions, HELP, parseCommandLine, UsageError } from './cli-options.js'
import { type LocalOkta, startLocalOkta } from './server.js'

const print = (text: string) => void process.stdout.write(`${text}\n`)

async function run(args: string[]): Promise<void> {
  const options = parseCommandLine(args)
  if (!options) return print(HELP.trimEnd())
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const stopped = new Promise<void>((resolve) => {
    for (const signal of signals) process.on(signal, () => resolve()) // npm and the terminal may both send one
  })
  const { clientSecret, ...others } = options
  const secret = clientSecret === undefined ? { publicClient: true } : { clientSecret }
  const okta = await startLocalOkta({ ...others, ...secret })
  print(dotenv(okta, options))
  await stopped
  await okta.close()
}

function dotenv(okta: LocalOkta, { clientSecret, redirectUris, signOutUris, empty }: CliOptions): string {
  const width = Math.max(...okta.people.map(({ profile }) => String(profile.login).length))
  const people = okta.people.map(({ profile, shows }) => `${String(profile.login).padEnd(width)}  ${shows}`)
  const app = [
    `OKTA_ISSUER=${okta.issuer}`,
    `OKTA_CLIENT_ID=${okta.clientId}`,
    clientSecret === undefined ? '# The app has no client secret.' : `OKTA_CLIENT_SECRET=${clientSecret}`,
  ]
  return [
    '# The local Okta. It is not Okta: it is for development and tests on this machine. Ctrl-C ends it.',
    `OKTA_ORG_URL=${okta.orgUrl}`,
    ...(empty ? ['# The org is new: it has no app.'] : app),
    `OKTA_AUTH_TOKEN=${okta.apiToken}`,
    ...(empty ? [] : list('Sign-in redirect URIs:', redirectUris)),
    ...(empty ? [] : list('Sign-out redirect URIs:', signOutUris)),
    ...list('Sign in as one of these. There are no passwords:', people),
    ...list('Make something fail:', [`${okta.orgUrl}/faults`]),
  ].join('\n')
}

function list(title: string, lines: string[]): string[] {
  return [`# ${title}`, ...lines.map((line) => `#   ${line}`)]
}

function explain(error: unknown): { line: string; code: number } {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number }
  if (error instanceof UsageError) return { line: message, code: 2 }
  if (code === 'EADDRINUSE')
    return { line: `Port ${port} is taken. Choose another one with --port.`, code: 1 }
  return { line: message, code: 1 }
}

try {
  await run(process.argv.slice(2))
  process.exit(0)
} catch (error) {
  const { line, code } = explain(error)
  process.stderr.write(`${line}\n`)
  process.exit(code)
}
