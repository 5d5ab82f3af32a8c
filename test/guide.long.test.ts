import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SITE } from '../src/site.js'
import { copyProject, sectionsOf } from './support/guide.js'
import { ROOT } from './support/process.js'

const sections = sectionsOf(readFileSync(join(ROOT, 'docs/make-it-yours.md'), 'utf8'))

/** Tests of the project that a follower of the guide can break. `npm run check` is more, and takes a minute. */
const NEAR = ['test/conventions', 'test/docs', 'test/config', 'test/web/views', 'test/pages/']

const timeout = 180_000 // on a busy machine; alone it takes 25 s

it('docs/make-it-yours.md leads to an app of one’s own, and its checks pass', { timeout }, async () => {
  const copy = copyProject()
  onTestFinished(copy.remove)
  const steps = [...sections].filter(([heading]) => /^\d/.test(heading)).flatMap(([, inside]) => inside)
  for (const step of steps) if (step.kind === 'edit') copy.apply(step)
  const checks = [
    'npm run --silent types',
    'npm run --silent lint',
    `npx vitest run --project 'in process' ${NEAR.join(' ')}`,
  ]
  const results = await Promise.allSettled(checks.map(copy.run)) // all: none may go on in a deleted folder
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([])
  expect(results.at(-1)).toMatchObject({ value: expect.stringContaining('harbour.test.ts') })
  const left = copy.run(`grep -rF '${SITE.name}' src views development scripts`)
  await expect(left).rejects.toThrow(/ended with 1:\n$/) // nothing is found
})
