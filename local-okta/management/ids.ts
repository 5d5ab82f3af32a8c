/** Ids as Okta makes them: 20 characters, of which the first three say what it is. */
import { randomInt } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

export function newId(prefix: '00o' | '0oa' | '00g' | '00p' | '0pr' | 'oag' | 'ocs' | 'KVJ'): string {
  const rest = Array.from({ length: 17 }, () => ALPHABET[randomInt(ALPHABET.length)])
  return prefix + rest.join('')
}
