import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lair, startLair } from './support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

describe('GET /lair', () => {
  it('sends a stranger to Okta and back to the very URL asked for', async () => {
    const page = await lair.visitor().signIn('lion-o@thundera.example', '/lair?gate=north&n=1')
    expect(page.status).toBe(200)
    expect(page.url).toBe(`${lair.url}/lair?gate=north&n=1`)
    expect(page.text).toContain('As Okta knows you')
  })
})
