import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SITE } from '../src/site.js'
import { copyProject, sectionsOf } from './support/guide.js'
import { ROOT } from './support/process.js'

const sections = sectionsOf(readFileSync(join(ROOT, 'docs/make-it-yours.md'), 'utf8'))

/** Tests of the project that a follower of the guide can break. `npm run check` is more, and takes a minute. */
const NEAR = ['test/conventions', 'test/docs', 'test/config', 'test/users/', 'test/web/views', 'test/pages/']

it('docs/make-it-yours.md leads to an app of one’s own, and its checks pass', async () => {
  const copy = copyProject()
  onTestFinished(copy.remove)
  const steps = [...sections].filter(([heading]) => /^\d/.test(heading)).flatMap(([, inside]) => inside)
  for (const step of steps) if (step.kind === 'edit') copy.apply(step)
  const [, , tests] = await Promise.all([
    copy.run('npm run --silent types'),
    copy.run('npm run --silent lint'),
    copy.run(`npx vitest run --project 'in process' ${NEAR.join(' ')}`),
  ])
  expect(tests).toContain('harbour.test.ts')
  await expect(copy.run(`grep -rF '${SITE.name}' src views development scripts`)).rejects.toThrow(
    /ended with 1:\n$/,
  )
})
