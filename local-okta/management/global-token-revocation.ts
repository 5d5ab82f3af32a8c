/** POST /oauth2/v1/global-token-revocation: ends the sessions of a person. Okta then asks the apps to end theirs, too. */
import type { RequestHandler } from 'express'
import { invalid, notFound } from './api-error.js'
import { bodyOf } from './apps.js'
import { objectIn } from './json.js'
import type { UsersParts } from './users.js'

export function globalTokenRevocation({ org, endSessions }: UsersParts): RequestHandler {
  return function globalTokenRevocation(req, res) {
    const { format, id } = objectIn(bodyOf(req).sub_id)
    if (format !== 'opaque') throw invalid('sub_id', 'sub_id: The format is not supported')
    const person = org.people.find((one) => one.known && one.id === id)
    if (!person) throw notFound(String(id), 'User')
    endSessions(person.id)
    res.status(204).end()
  }
}
