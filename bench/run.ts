/** npm run bench [-- --quick]: what a signed-in page costs, against bare Express and the peers. See README.md. */
import { readFileSync, writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { bringUp, cpuPerPage, slowOkta, speed, starts } from './compare.js'
import { idTokens, instances, sessionsAndPeople } from './growth.js'
import { quick } from './plan.js'
import { markdown, type Table } from './tables.js'
import { createWorld, type World } from './world.js'

const startedAt = performance.now()
const minutes = () => ((performance.now() - startedAt) / 60_000).toFixed(1)
const world = await createWorld()
try {
  const tables = await measure(world)
  const text = [heading(), ...tables.map(markdown), notMeasured()].join('\n\n')
  process.stdout.write(`${text}\n`)
  const major = process.versions.node.split('.')[0]
  if (!quick) writeFileSync(new URL(`results-node-${major}.md`, import.meta.url), `${text}\n`)
  writeFileSync(
    new URL('results.json', import.meta.url),
    `${JSON.stringify({ node: process.version, quick, tables })}\n`,
  )
} finally {
  await world.close()
}

async function measure(world: World): Promise<Table[]> {
  const tables: Table[] = []
  /** Progress goes to stderr: stdout is the result. */
  const add = async (name: string, work: Promise<Table | Table[]>) => {
    process.stderr.write(`${minutes()} min: ${name}\n`)
    tables.push(...[await work].flat())
  }
  const all = await bringUp(world)
  await add('CPU', cpuPerPage(world, all))
  await add('speed', speed(world, all, [1, 10, 100, 300, 500]))
  await add('slow Okta', slowOkta(world, all))
  await add('ID tokens', idTokens(world, all))
  for (const { process } of all) await process.stop()
  await add('starts', starts(world))
  await add('sessions and people', sessionsAndPeople(world))
  await add('instances', instances(world))
  return tables
}

function heading(): string {
  const [cpu, ...others] = cpus()
  const own = ['express', 'ejs', 'express-openid-connect', '@okta/okta-sdk-nodejs']
  const theirs = ['@okta/oidc-middleware', 'express-session', 'express-4']
  const versions = [...own.map((name) => version('..', name)), ...theirs.map((name) => version('.', name))]
  return [
    '# What a signed-in page costs',
    quick ? 'A QUICK RUN, too short to be quoted.' : '',
    `${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${others.length + 1} cores (${cpu?.model.trim()}), ${minutes()} minutes. ${versions.join(', ')}.`,
    'Every contestant is a process of its own with NODE_ENV=production. Figures are medians of the rounds (least to most). Made by `npm run bench`.',
  ]
    .filter(Boolean)
    .join('\n\n')
}

function version(folder: string, name: string): string {
  const file = new URL(`${folder}/node_modules/${name}/package.json`, import.meta.url)
  return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`
}

function notMeasured(): string {
  const failures = [...world.failures].map(([name, count]) => `${name}: ${count}`)
  return [
    '## Not measured',
    "A real Okta and a network; TLS; session stores elsewhere, such as Redis; the style sheet and the GIF. Okta's access tokens are JWTs, which make the session cookies of the contestants with express-openid-connect's own sessions larger than here, where they have 43 characters. Browsers and Okta run on the same machine as the contestant, so pages per second are fewer than the contestant alone could give; CPU per page suffers least.",
    failures.length > 0
      ? `Answers that were not the page (${failures.join('; ')}): the figures above include them.`
      : 'Every answer was the page.',
  ].join('\n\n')
}
