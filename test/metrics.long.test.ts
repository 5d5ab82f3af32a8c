import { expect, it } from 'vitest'
import { sendCrowd, startStrangeOrg } from './support/crowd.js'
import { startLair } from './support/lair.js'
import { metricsPort } from './support/metrics.js'

it('[141] 10,000 people, places and hosts leave the metrics with as many series as 40', {
  timeout: 240_000,
}, async () => {
  const org = await startStrangeOrg()
  const metrics = await metricsPort()
  const env = { ...metrics.env, OKTA_ORG_URL: org.url, LOG_LEVEL: 'silent' }
  const lair = await startLair(({ issuer }) => ({ ...env, OKTA_ISSUER: issuer }))
  await sendCrowd(lair, 40)
  const few = await metrics.read()
  await sendCrowd(lair, 10_000)
  const many = await metrics.read()
  expect(many.value('lair_user_lookups_total{outcome="found"}')).toBeGreaterThan(7000)
  expect(many.value('lair_sessions_ended_total{reason="verdict"}')).toBe(5020)
  expect(many.series).toEqual(few.series)
  await lair.close()
  org.server.close()
})
