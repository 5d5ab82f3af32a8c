/** The options of `npm run okta:setup`. */
import { parseArgs } from 'node:util'
import { Invalid } from '../../setting-values.js'
import { SITE } from '../../site.js'

export const USAGE = `npm run okta:setup -- [options]

  --org-url URL       your Okta domain, such as https://dev-123456.okta.com (or OKTA_ORG_URL)
  --token TOKEN       an API token of a super administrator (or OKTA_AUTH_TOKEN)
  --base-url URL      where browsers reach the app (or BASE_URL; default http://localhost with PORT, or 3000)
  --label LABEL       the name of the app in Okta (default ${SITE.name})
  --group NAME        the group whose members may sign in (default Everyone)
  --env-file FILE     the file for the settings (default .env)
  --api-token-only    make no service app: the app reads users with the API token of the file
  --keep-token        write the API token to the file
  --dry-run           look, say what would be done, and change nothing
  --undo              take out of the org what an earlier run has put there
  --yes               ask nothing, and replace settings as --force does
  --force             replace settings in the file that have other values
  --json              print one JSON object on standard output
`

const OPTIONS = {
  'org-url': { type: 'string' },
  token: { type: 'string' },
  'base-url': { type: 'string' },
  label: { type: 'string', default: SITE.name },
  group: { type: 'string', default: 'Everyone' },
  'env-file': { type: 'string', default: '.env' },
  'api-token-only': { type: 'boolean', default: false },
  'keep-token': { type: 'boolean', default: false },
  'dry-run': { type: 'boolean', default: false },
  undo: { type: 'boolean', default: false },
  yes: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

export type Options = ReturnType<typeof optionsIn>

/** The command was called in a wrong way. */
export class WrongUsage extends Error {}

/** @throws {WrongUsage} an option does not exist, or has no value */
export function optionsIn(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS }).values
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    // Node's message would have the value, which may be the token.
    const isBare = code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL'
    throw new WrongUsage(`${isBare ? 'A value has no option before it' : message}. See --help`)
  }
}

/** @throws {WrongUsage} there is no value, or `parse` refuses it. The message never has the value */
export function checked(flag: string, parse: (value: string) => string, value: string | undefined): string {
  if (value === undefined) throw new WrongUsage(`${flag} is missing. See --help`)
  try {
    return parse(value.trim())
  } catch (error) {
    if (error instanceof Invalid) throw new WrongUsage(`${flag} ${error.message}`)
    throw error
  }
}
