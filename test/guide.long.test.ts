import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { SITE } from '../src/site.js'
import { type Commands, copyProject, type Edit, sectionsOf } from './support/guide.js'
import { ROOT } from './support/process.js'

const sections = sectionsOf(readFileSync(join(ROOT, 'docs/make-it-yours.md'), 'utf8'))
const timeout = 240_000 // on a busy machine; alone, each test takes 30 s

/** Tests of the project that a follower of the guide can break. `npm run check` is more, and takes a minute. */
const NEAR = [
  'conventions',
  'docs',
  'config',
  'supply-chain',
  'web/views',
  'web/contrast',
  'users/access',
  'users/groups',
  'okta/access-tokens',
  'pages/',
]

/** What there is without the local Okta. The tests of users are left out: they need a machine that is not busy. */
const REMAINING = [
  'config',
  'conventions',
  'docs',
  'setting-values',
  'supply-chain',
  'cli/',
  'okta/',
  'redis/',
  'sessions/',
  'sign-in/',
]

it('docs/make-it-yours.md leads to an app of one’s own, and its checks pass', { timeout }, async () => {
  const copy = copyOfProject()
  const steps = [...sections].filter(([heading]) => /^\d/.test(heading)).flatMap(([, inside]) => inside)
  for (const step of steps) if (step.kind === 'edit') copy.apply(step)
  expect(await check(copy, NEAR)).toContain('harbour.test.ts')
  const left = copy.run(`grep -rF '${SITE.name}' src views development scripts`)
  await expect(left).rejects.toThrow(/ended with 1:\n$/) // nothing is found
})

it.each([
  [
    ['The bench', 'The GIF in the lair'],
    ['conventions', 'docs', 'supply-chain', 'users/access', 'pages/'],
  ],
  [['The bench', 'The local Okta'], REMAINING],
])('docs/make-it-yours.md says how to take out %s', { timeout }, async (headings, tests) => {
  const copy = copyOfProject()
  for (const step of headings.flatMap((heading): (Edit | Commands)[] => sections.get(heading) ?? []))
    await (step.kind === 'edit' ? copy.apply(step) : copy.run(step.text))
  await check(copy, tests)
})

type Copy = ReturnType<typeof copyProject>

function copyOfProject(): Copy {
  const copy = copyProject()
  onTestFinished(copy.remove)
  return copy
}

/** @returns what the tests print. @throws {Error} types, lint or a test fails */
async function check(copy: Copy, tests: string[]): Promise<string> {
  const filters = tests.map((name) => `test/${name}`).join(' ')
  const checks = [
    'npm run --silent types',
    'npm run --silent lint',
    `npx vitest run --project 'in process' --retry 1 ${filters}`, // the machine is busy with other tests
  ]
  const results = await Promise.allSettled(checks.map(copy.run)) // all: none may go on in a deleted folder
  const failed = results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []))
  expect(failed).toEqual([])
  return String(Object(results.at(-1)).value)
}
