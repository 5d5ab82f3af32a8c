import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fuzzHttp, fuzzProfiles, fuzzRedirects } from './support/fuzz.js'
import { type Lair, startLair } from './support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('hostile input, a little of it (npm run fuzz: a lot)', () => {
  it('[33] 5,000 redirect targets stay on our origin', () => {
    fuzzRedirects(5_000, 7)
  })

  it('[88] [89] [91] 300 profiles add no element and are shown as they are', async () => {
    await fuzzProfiles(lair, 300, 7)
  })

  it('[115] 1,500 mutated HTTP requests cause no 5xx and lead nowhere else', async () => {
    const statuses = await fuzzHttp(lair, 1_500, 7)
    expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 302, 400, 401, 403, 404, 405]))
    expect((await lair.visitor().ask('/')).status).toBe(200)
  })
})
