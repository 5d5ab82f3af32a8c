/** The command line of `npm run okta`. */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { type People, parsePeople } from './people-file.js'

/** The command line is wrong. The message is one line. */
export class UsageError extends Error {}

export interface CliOptions extends Partial<People> {
  port: number
  clientId: string
  /** `undefined` for an app without a secret. */
  clientSecret: string | undefined
  apiToken: string
  redirectUris: string[]
  signOutUris: string[]
  empty: boolean
}

/** Where this app, the Full Stack Python tutorial, flask-oidc and Okta's samples take Okta's answer. */
const REDIRECT_URIS = [
  'http://localhost:3000/callback',
  'http://localhost:3000/authorization-code/callback',
  'http://localhost:5000/oidc/callback',
  'http://localhost:5000/authorize',
  'http://localhost:5000/authorization-code/callback',
  'http://localhost:8080/authorization-code/callback',
]
const SIGN_OUT_URIS = ['3000', '5000', '8080'].flatMap((port) => [
  `http://localhost:${port}/`,
  `http://localhost:${port}`,
])
const CLIENT_ID = '0oalocaloktaclient01'
const CLIENT_SECRET = 'local-okta-client-secret-of-no-value'
const API_TOKEN = '00local-okta-api-token-of-no-value'

export const HELP = `npm run okta -- [options]

Runs the local Okta alone, for an app in any language. It prints the settings of the app as a .env file.

  --port NUMBER         port on this machine; 0 takes a free one (3999)
  --client-id TEXT      client ID of the app (${CLIENT_ID})
  --client-secret TEXT  client secret of the app (${CLIENT_SECRET})
  --public              the app has no secret and proves itself with PKCE, as a single-page app does
  --api-token TEXT      token for the Users API (${API_TOKEN})
  --redirect-uri URL    where the app takes Okta's answer; can be given several times
                        (${REDIRECT_URIS.join('\n                         ')})
  --sign-out-uri URL    where people go after a sign-out; can be given several times
                        (/ on localhost, ports 3000, 5000 and 8080)
  --people FILE.json    people and groups of your own; local-okta/README.md shows such a file
  --empty               an org as it is when it is new: no app, no group but Everyone, no access policy
  --help                this text
`

const OPTIONS = {
  port: { type: 'string', default: '3999' },
  'client-id': { type: 'string' },
  'client-secret': { type: 'string' },
  public: { type: 'boolean', default: false },
  'api-token': { type: 'string', default: API_TOKEN },
  'redirect-uri': { type: 'string', multiple: true },
  'sign-out-uri': { type: 'string', multiple: true },
  people: { type: 'string' },
  empty: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** @returns `undefined` if the user asks for help. @throws {UsageError} */
export function parseCommandLine(args: string[]): CliOptions | undefined {
  const values = parsed(args)
  if (values.help) return undefined
  const ofTheApp = ['client-id', 'client-secret', 'redirect-uri', 'sign-out-uri'] as const
  const superfluous = ofTheApp.find((name) => values.empty && values[name] !== undefined)
  if (superfluous) throw new UsageError(`--${superfluous} is about an app, and with --empty there is none.`)
  if (values.public && values['client-secret'] !== undefined) {
    throw new UsageError('--client-secret does not go with --public: that app has no secret.')
  }
  const secret = credential('client-secret', values['client-secret'] ?? CLIENT_SECRET)
  return {
    port: port(values.port),
    clientId: credential('client-id', values['client-id'] ?? CLIENT_ID),
    clientSecret: values.public ? undefined : secret,
    apiToken: credential('api-token', values['api-token']),
    redirectUris: uris('redirect-uri', values['redirect-uri'] ?? REDIRECT_URIS),
    signOutUris: uris('sign-out-uri', values['sign-out-uri'] ?? SIGN_OUT_URIS),
    ...(values.people !== undefined && peopleIn(values.people)),
    empty: values.empty,
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    const [sentence] = (error as Error).message.split(/\.?\s*\n|\. /)
    throw new UsageError(`${sentence}. --help shows what there is.`)
  }
}

function port(value: string): number {
  if (/^\d{1,5}$/.test(value) && Number(value) <= 65_535) return Number(value)
  throw new UsageError('--port must be a number from 0 to 65535.')
}

function credential(name: string, value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value
  throw new UsageError(`--${name} must be a text of ASCII characters without spaces.`)
}

function uris(name: string, values: readonly string[]): string[] {
  for (const value of values) {
    const isRight = URL.canParse(value) && /^https?:/i.test(value) && !value.includes('#')
    if (!isRight) throw new UsageError(`--${name} must be a URL with http:// or https:// and without "#".`)
  }
  return [...values]
}

function peopleIn(file: string): People {
  try {
    return parsePeople(readFileSync(file, 'utf8'))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const reason = code === undefined ? message : `it cannot be read (${code})`
    throw new UsageError(`--people ${file}: ${reason}.`)
  }
}
