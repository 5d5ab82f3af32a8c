/** The faults of what not every app uses: groups, and a service app. */
import { afterAll, describe, it } from 'vitest'
import { rows } from '../support/faults.js'
import { asServiceApp } from '../support/lair.js'
import { createLairs } from '../support/lairs.js'
import { lastKnown } from '../support/last-known.js'

/** So that all of them can wait at the same time. */
const lairs = createLairs()
afterAll(lairs.close)

describe.concurrent('the groups of a person', () => {
  it.each(rows('The groups of a person'))('%s', (fault, ...cells) =>
    lastKnown(lairs, fault, cells, () => ({ LAIR_GROUPS: 'Thundercats' })),
  )
})

describe.concurrent('service-app credentials', () => {
  // The app waits 1.5 s for a token. A busy machine may take as long for an answer that is only slow: hence the retry.
  it.each(rows('Service-app credentials'))('%s', { retry: 1 }, (fault, ...cells) =>
    lastKnown(lairs, fault, cells, asServiceApp),
  )
})
