/** What happens when there is more of everything: sessions, people, groups in the ID token, instances. */
import { BUSY } from './compare.js'
import { plan } from './plan.js'
import type { Jar } from './sessions.js'
import { type Figure, figure, type Table } from './tables.js'
import {
  CONTESTANTS,
  LAIR,
  MIDDLEWARE,
  mintJars,
  type Running,
  STOCK,
  type Usage,
  type World,
} from './world.js'

/** Sessions for every contestant that has any; this app goes on to more people, which makes the second table. */
export async function sessionsAndPeople(world: World): Promise<Table[]> {
  const sessions: Table['rows'] = []
  const people: Table['rows'] = []
  for (const contestant of CONTESTANTS) {
    if (contestant.kind === 'none') continue
    const one = await world.run(contestant)
    await world.signIn(one, 1)
    await world.cost(one, { connections: BUSY, pages: plan.warmUpPages, sessions: one.jars })
    if (contestant === LAIR) people.push(await peopleRow(world, one, 10))
    const row = await sessionsRow(world, one)
    sessions.push(row)
    if (contestant === LAIR) {
      people.push(await peopleRow(world, one, row.people))
      const { pages } = await world.cost(one, {
        connections: BUSY,
        pages: plan.mostPeople - row.people,
        sessions: world.mint(one, { people: plan.mostPeople, firstPerson: row.people + 1 }),
      })
      people.push(await peopleRow(world, one, row.people + pages))
    }
    await one.process.stop()
  }
  return [
    {
      title: 'Memory and sessions',
      how: `Resident after ${plan.warmUpPages} signed-in pages, and after each of many sessions has asked for a page; both after two garbage collections, a second apart. "At most" is the most that it ever was, as Node collects by itself. This app gets ${plan.sessions} sessions; the peers as many as they answer in ${plan.peerSessionSeconds} s. The cookies are sealed in the contestant's own format with its own key; the memory store takes copies of one session that was really started. Bare Express has no sessions. Some dozen bytes a session, more or less, are chance.`,
      rows: sessions,
    },
    {
      title: 'More people',
      how: `All in one instance of this app, which remembers 20,000 people and 10,000 sessions. CPU a page of up to 500 sessions that come back, of people who are known.`,
      rows: people,
    },
  ]
}

async function sessionsRow(world: World, one: Running) {
  const stored = one.contestant === MIDDLEWARE
  const before = await one.process.ask<Usage>({ usage: 'after garbage' })
  if (stored) await one.process.ask({ copies: plan.sessions })
  const { pages } = await world.cost(one, {
    connections: BUSY,
    pages: plan.sessions,
    ...(one.contestant !== LAIR && { seconds: plan.peerSessionSeconds }),
    sessions: world.mint(one, { people: plan.people }),
  })
  const after = await one.process.ask<Usage>({ usage: 'after garbage' })
  const sessions = stored ? plan.sessions : pages
  return {
    contestant: one.contestant.name,
    'MB before': before.rssBytes / 2 ** 20,
    'MB after': after.rssBytes / 2 ** 20,
    'MB at most': after.mostRssBytes / 2 ** 20,
    sessions,
    people: stored ? 1 : Math.min(plan.people, pages),
    'heap bytes a session': (after.heapBytes - before.heapBytes) / sessions,
  }
}

async function peopleRow(world: World, one: Running, people: number) {
  const firstPerson = Math.max(1, people - 499)
  const jars = mintJars(world.mint(one, { people, firstPerson }), Math.min(people, 500))
  const cpu = await cpuOf(world, one, jars)
  const { rssBytes, heapBytes } = await one.process.ask<Usage>({ usage: 'after garbage' })
  return { people, 'MB resident': rssBytes / 2 ** 20, 'MB heap': heapBytes / 2 ** 20, 'CPU µs a page': cpu }
}

/** Three rounds, after the first page of each session. */
async function cpuOf(world: World, one: Running, jars: Jar[]): Promise<Figure> {
  const load = { connections: BUSY, sessions: jars }
  await world.cost(one, { ...load, pages: Math.max(jars.length, 200) })
  const rounds = []
  for (let round = 0; round < 3; round++) {
    rounds.push((await world.cost(one, { ...load, pages: plan.growthPages })).cpuMicrosPerPage)
  }
  return figure(rounds)
}

export async function idTokens(world: World, all: Running[]): Promise<Table> {
  const rows: Table['rows'] = []
  for (const one of all.filter(({ contestant }) => contestant === LAIR || contestant === STOCK)) {
    for (const kilobytes of [1, 2, 4, 6]) {
      const jars = mintJars(world.mint(one, { people: BUSY, idTokenBytes: kilobytes * 1024 }), BUSY)
      rows.push({
        contestant: one.contestant.name,
        'ID token KB': kilobytes,
        'cookie bytes': Object.values(jars[0] ?? {}).join('').length,
        'CPU µs a page': await cpuOf(world, one, jars),
      })
    }
  }
  return { title: 'More groups in the ID token', how: `Three rounds of ${plan.growthPages} pages.`, rows }
}

const PEOPLE = 100
/** Instead of the minute that is the default, to which what is counted is scaled up. */
const CACHE_SECONDS = 2

export async function instances(world: World): Promise<Table> {
  const rows: Table['rows'] = []
  for (const count of [1, 2, 4]) {
    const all: Running[] = []
    while (all.length < count) {
      const BASE_URL = all[0] && `http://localhost:${all[0].port}` // a session counts for one base URL
      const settings = { USER_CACHE_SECONDS: String(CACHE_SECONDS), ...(BASE_URL && { BASE_URL }) }
      all.push(await world.run(LAIR, settings))
    }
    const ports = all.map(({ port }) => port)
    const sessions = mintJars(world.mint(all[0] as Running, { people: PEOPLE }), PEOPLE)
    await world.load({ ports, connections: 4, sessions, seconds: plan.instanceSeconds / 2 })
    const { callsPer1000Pages, pages, seconds } = await world.load({
      ports,
      connections: 4,
      sessions,
      seconds: plan.instanceSeconds,
    })
    const perMinute = ((callsPer1000Pages / 1000) * pages * CACHE_SECONDS) / seconds
    rows.push({
      instances: count,
      'calls per 1,000 pages': callsPer1000Pages,
      'calls per minute': callsPer1000Pages > 500 ? 'as many as pages' : perMinute,
    })
    for (const { process } of all) await process.stop()
  }
  return {
    title: 'More instances',
    how: `Users API calls for ${PEOPLE} people who are at it all the time and whom a load balancer sends now here, now there. Counted with USER_CACHE_SECONDS=${CACHE_SECONDS}; calls per minute are scaled to its default, 60.`,
    rows,
  }
}
