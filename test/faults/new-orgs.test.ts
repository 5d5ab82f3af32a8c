import { afterAll, describe, expect, it } from 'vitest'
import { createLairs } from '../support/lairs.js'

const LION_O = 'lion-o@thundera.example'

const lairs = createLairs()
afterAll(lairs.close)

describe('an org that signs nobody in at its custom authorization server', () => {
  it('without API Access Management: the page says that waiting is of no use, the log has the remedy', () =>
    lairs.use(async (lair) => {
      await lair.okta.faults.on('discovery-feature-not-enabled')
      lair.log.length = 0
      await lair.restart()
      const page = await lair.visitor().ask('/login')
      expect(page.status).toBe(503)
      expect(page.text).toContain('Okta does not accept how this app is set up')
      const about = lair.log.filter(({ dependency }) => dependency === 'discovery')
      const remedy = expect.stringContaining('set OKTA_ISSUER to your Okta domain')
      expect(about).toEqual([expect.objectContaining({ level: 'error', cause: 'feature-missing', remedy })])
    }))

  it.each([
    'discovery-feature-not-enabled',
    'authorize-feature-not-enabled',
    'authorize-policy-evaluation-failed',
  ])('%s: with the org’s own server as OKTA_ISSUER people sign in', (fault) =>
    lairs.use(async (lair) => {
      await lair.okta.faults.on(fault)
      await lair.restart({ OKTA_ISSUER: lair.okta.orgUrl })
      await lair.ready()
      expect((await lair.visitor().signIn(LION_O)).status).toBe(200)
    }),
  )
})
