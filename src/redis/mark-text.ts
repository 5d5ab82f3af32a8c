/** A mark of ended sessions as a text, for an entry of the stream in Redis. */
import type { Mark } from '../sessions/ended-sessions.js'

/** Three words: until, the instant before which sessions have ended or the id of the session, and the subject. */
export function written(mark: Mark): string {
  return `${mark.until} ${'id' in mark ? mark.id : mark.before} ${mark.subject}`
}

const WRITTEN = /^(\d{13}) (?:(\d{13})|([\w-]{22})) ([!-~]{1,100})$/

/** @returns `undefined` if the text is no mark */
export function markIn(text: string | undefined): Mark | undefined {
  const [, until, before, id, subject] = WRITTEN.exec(text ?? '') ?? []
  if (subject === undefined) return undefined
  const whose = ownCopy(subject)
  // No spread here: V8 would make larger objects.
  if (id === undefined) return { subject: whose, until: Number(until), before: Number(before) }
  return { subject: whose, until: Number(until), id: ownCopy(id) }
}

/** In V8, a part of a text keeps the whole text in memory. A copy takes half of the room. */
function ownCopy(part: string): string {
  return Buffer.from(part, 'latin1').toString('latin1')
}
