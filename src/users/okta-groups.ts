/**
 * Asks Okta's Users API for the groups of a person. It needs no SDK: the SDK's lists follow a link to wherever it leads,
 * give each page a time of its own, and cannot say how many groups a page shall have.
 */
import type { ApiCredentials } from '../okta/api-credentials.js'
import { OktaFailure } from '../okta/failure.js'
import { askTwice, TIMEOUT_MS } from './ask-twice.js'

/** How many groups Okta puts on a page. A group of a directory takes a kilobyte and a half, and a page 256 KB at most. */
const PER_PAGE = 100

/** How many pages of one person the app reads. In its 2 s it seldom gets as far. */
const MAX_PAGES = 30

const TOO_MANY = { remedy: `Take the person out of groups: the app reads ${PER_PAGE * MAX_PAGES} of them` }

export const GROUPS_REMEDY =
  'In Okta, grant the scope okta.groups.read to the service app (the tab Okta API Scopes). An API token instead needs an owner who may read groups: the role Read-only Administrator, or more'

/**
 * @param orgUrl origin of the org
 * @param credentials sent to that origin only
 * @param names the groups that pages ask for. Okta's other groups are not kept
 */
export function createOktaGroups(orgUrl: string, credentials: ApiCredentials, names: ReadonlySet<string>) {
  async function read(id: string): Promise<string[]> {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const found = new Set<string>()
    const path = `/api/v1/users/${id}/groups`
    let next: string | undefined = `${path}?limit=${PER_PAGE}`
    for (let page = 0; next !== undefined && found.size < names.size; page++) {
      if (page === MAX_PAGES) throw new OktaFailure('bad-answer', 'The person has too many groups', TOO_MANY)
      const response = await askTwice({ url: orgUrl + next }, credentials, signal)
      for (const name of namesIn(response.status, await response.json().catch(() => undefined)))
        if (names.has(name)) found.add(name)
      next = nextIn(response.headers.get('link') ?? '', path)
    }
    return [...found]
  }

  /**
   * The groups asked for that have the person, by their names. Takes 2 s at most.
   * @returns why Okta does not tell, if it does not
   */
  return async function groupsOf(id: string): Promise<string[] | OktaFailure> {
    return read(id).catch((error) => {
      if (!(error instanceof OktaFailure)) throw error
      if (error.kind !== 'api-scope') return error
      const details = { status: 403, remedy: GROUPS_REMEDY }
      return new OktaFailure('api-scope', 'The app may not read the groups of users', details)
    })
  }
}

/** Checks everything, because the answer may be any JSON. */
function namesIn(status: number, answer: unknown): string[] {
  if (status === 200 && Array.isArray(answer)) {
    const names = answer.map((group) => Object(Object(group).profile).name as unknown)
    if (names.every((name) => typeof name === 'string')) return names
  }
  throw new OktaFailure('bad-answer', 'The Users API answered with something that is not a list of groups', {
    status,
  })
}

/**
 * The next page (RFC 8288), as path and query: whatever host the link names, the app asks the org.
 * @param path of the first page. @throws {OktaFailure} the link leads to something else
 */
function nextIn(link: string, path: string): string | undefined {
  const [, next] = /<([^<>]*)>[^,<]*;\s*rel="?next\b/.exec(link) ?? []
  if (next === undefined) return undefined
  const { pathname, search } = URL.canParse(next) ? new URL(next) : { pathname: '', search: '' }
  if (pathname === path) return pathname + search
  throw new OktaFailure('bad-answer', 'The Users API names a next page that is no page of these groups')
}
