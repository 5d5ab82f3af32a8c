import { afterAll, beforeAll, describe, it } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'
import { exceedSignInLimit } from '../support/sign-in-limit.js'

describe('[114] the sign-in limit', () => {
  let lair: Lair
  beforeAll(async () => {
    lair = await startLair({ SIGN_IN_LIMIT_PER_MINUTE: '20' })
  })
  afterAll(() => lair.close())

  it('answers 10,000 anonymous requests of one address with 429 and Retry-After, at no cost to Okta', () =>
    exceedSignInLimit(lair, 20, 10_000))
})
