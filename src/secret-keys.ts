/** The keys of SECRET_KEY, and which of them nobody should use. */
import { check } from './setting-values.js'

/** The app encrypts and signs cookies with the first key, and accepts cookies made with any of the keys. */
export function secretKeys(value: string): [string, ...string[]] {
  const [first = '', ...others] = value.split(',').map((key) => key.trim())
  for (const key of [first, ...others]) checkKey(key)
  return [first, ...others]
}

/** Refuses a key that an attacker could guess: with the key they could sign in as anybody. */
function checkKey(key: string): void {
  check(key.length >= 32, 'has a key with fewer than 32 characters')
  check(new Set(key).size >= 12, 'has a key with fewer than 12 different characters')
  const text = key.toLowerCase()
  check(!isRepetition(text), 'has a key that repeats a shorter text')
  check(!isRun(text), 'has a key that is a run of letters or digits')
  check(!PLACEHOLDER_KEY.test(text.replace(/[^a-z]/g, '')), 'has a key that is a placeholder')
}

function isRepetition(text: string): boolean {
  const periods = Array.from({ length: Math.floor(text.length / 2) }, (_, index) => index + 1)
  return periods.some((period) => text.startsWith(text.slice(period)))
}

/**
 * Whether three of four characters are neighbours of the one before them, as in `abc…xyz012…` and `zyx…`. In a random
 * key they never are.
 */
function isRun(text: string): boolean {
  const codes = Array.from(text, (char) => char.charCodeAt(0))
  const steps = codes.slice(1).filter((code, index) => Math.abs(code - Number(codes[index])) <= 1)
  return steps.length >= codes.length * 0.75
}

/** Words that examples put in place of a key. Those in the second line are from the Flask tutorial. */
const PLACEHOLDER_WORDS = [
  'please change replace insert me this it here to the my your own',
  'a very long string with lots of numbers and letters random characters',
  'secret password key cookie session super top default example placeholder',
]
const PLACEHOLDER_KEY = new RegExp(
  `^(please)?((change|replace)(me|this|it)|yoursecret)|^(${PLACEHOLDER_WORDS.join(' ').replaceAll(' ', '|')})+$`,
)
