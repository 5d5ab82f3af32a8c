/** What the contestants have in common: the app's own pages as stock EJS has them, and the person on the page. */
import { fileURLToPath } from 'node:url'

/** Made by `../stock-views.js`: each page as one file; and with the includes of the app's own. */
export const VIEWS = fileURLToPath(new URL('../views', import.meta.url))
export const VIEWS_WITH_INCLUDES = `${VIEWS}/with-includes`

/** What the Users API tells of everybody but for id and login; so all pages have the same length. */
export const LAST_LOGIN = '2025-01-23T10:00:00.000Z'

/** @param {Record<string, string | undefined>} claims as an ID token or the userinfo endpoint names them */
export function userFrom(claims) {
  const { given_name: firstName, family_name: lastName, preferred_username: login, email } = claims
  const lastLogin = new Date(LAST_LOGIN)
  return { firstName, lastName, login, email, status: 'ACTIVE', lastLogin, lastKnownAt: null }
}

/** As the app writes dates. */
function inUtc(/** @type {Date} */ date) {
  const [, day, month, year, time = ''] = date.toUTCString().split(' ')
  return `${Number(day)} ${month} ${year}, ${time.slice(0, 5)} UTC`
}

/** @param {ReturnType<typeof userFrom>} user */
export function lair(user) {
  return { user, person: user, inUtc, notice: undefined }
}

export const LANDING = {
  developmentPage: undefined,
  greeting: 'friend',
  person: null,
  profileUnavailable: false,
  profileOutOfDate: false,
  notice: undefined,
  user: null,
}
