/** The contestants side by side: what a signed-in page costs, how fast it comes, what starting takes. */
import { plan } from './plan.js'
import { type Figure, figure, type Table } from './tables.js'
import {
  BARE,
  BARE_WITH_INCLUDES,
  CONTESTANTS,
  type Contestant,
  type Running,
  type Usage,
  type World,
} from './world.js'

/** So many people are signed in and at it, one a connection. */
export const BUSY = 10
const OKTA_DELAYS_MS = [0, 100, 250]

/** All of them, warm and with people signed in. */
export async function bringUp(world: World): Promise<Running[]> {
  const all = []
  for (const contestant of CONTESTANTS) {
    const one = await world.run(contestant)
    await world.signIn(one, BUSY)
    await world.cost(one, { connections: BUSY, pages: plan.warmUpPages, sessions: one.jars })
    all.push(one)
  }
  return all
}

interface Rounds<One, Result> {
  of(one: One, value: (result: Result) => number): Figure
  /** Divided by the other's round by round: what disturbs a round disturbs both. */
  ratio(one: One, other: One, value: (result: Result) => number): Figure
}

/** Rounds in which everybody has a turn. */
async function inTurns<One, Result>(
  rounds: number,
  all: readonly One[],
  measure: (one: One) => Promise<Result>,
): Promise<Rounds<One, Result>> {
  const results = new Map<One, Result[]>(all.map((one) => [one, []]))
  for (let round = 0; round < rounds; round++) {
    for (const one of all) results.get(one)?.push(await measure(one))
  }
  const values = (one: One, value: (result: Result) => number) => (results.get(one) ?? []).map(value)
  return {
    of: (one, value) => figure(values(one, value)),
    ratio(one, other, value) {
      const others = values(other, value)
      return figure(values(one, value).map((own, round) => own / (others[round] ?? Number.NaN)))
    },
  }
}

function bareOf(all: Running[]): Running {
  const bare = all.find(({ contestant }) => contestant === BARE)
  if (!bare) throw new Error(`${BARE.name} does not take part`)
  return bare
}

export async function cpuPerPage(world: World, all: Running[]): Promise<Table> {
  const { of, ratio } = await inTurns(plan.rounds, all, (one) =>
    world.cost(one, { connections: BUSY, pages: plan.pagesPerRound, sessions: one.jars }),
  )
  const cpu = (outcome: { cpuMicrosPerPage: number }) => outcome.cpuMicrosPerPage
  const pageBytes = new Set(all.map((one) => of(one, ({ bodyBytes }) => bodyBytes).median))
  const samePage =
    pageBytes.size === 1 ? 'All answer with the same page.' : 'NOT COMPARABLE: the pages differ in length.'
  return {
    title: 'CPU',
    how: `By the process's own accounting: all threads, user and system. ${plan.rounds} rounds of ${plan.pagesPerRound} pages in turns, after ${plan.warmUpPages} to warm up; ${BUSY} people signed in, one a connection; Okta 0 ms away. "Times bare": divided by ${BARE.name}, round by round. ${samePage}`,
    rows: all.map((one) => ({
      contestant: one.contestant.name,
      'CPU µs a page': of(one, cpu),
      'times bare': ratio(one, bareOf(all), cpu),
      'bytes of head': of(one, ({ headBytes }) => headBytes).median,
      'bytes of page': of(one, ({ bodyBytes }) => bodyBytes).median,
      '% with Set-Cookie': of(one, ({ setCookieShare }) => setCookieShare).median * 100,
      'Users API calls per 1,000 pages': of(one, ({ callsPer1000Pages }) => callsPer1000Pages).median,
    })),
  }
}

export async function speed(world: World, all: Running[], connectionCounts: number[]): Promise<Table> {
  const rows: Table['rows'] = all.map(({ contestant }) => ({ contestant: contestant.name }))
  for (const connections of connectionCounts) {
    const { of, ratio } = await inTurns(plan.speedRounds, all, (one) =>
      world.load({ ports: [one.port], connections, seconds: plan.speedSeconds, sessions: one.jars }),
    )
    const perSecond = ({ pages, seconds }: { pages: number; seconds: number }) => pages / seconds
    for (const [n, one] of all.entries()) {
      Object.assign(rows[n] ?? {}, {
        [`pages/s at ${connections}`]: of(one, perSecond),
        [`times bare at ${connections}`]: ratio(one, bareOf(all), perSecond).median,
        [`p99 ms at ${connections}`]: of(one, ({ p99Ms }) => p99Ms).median,
      })
    }
  }
  return {
    title: 'Speed',
    how: `At ${connectionCounts.join(', ')} connections, each of which asks again as soon as it is answered; ${plan.speedRounds} rounds of ${plan.speedSeconds} s in turns; Okta 0 ms away.`,
    rows,
  }
}

export async function slowOkta(world: World, everybody: Running[]): Promise<Table> {
  const all = everybody.filter(({ contestant }) => contestant !== BARE_WITH_INCLUDES)
  const rows: Table['rows'] = all.map(({ contestant }) => ({ contestant: contestant.name }))
  for (const delayMs of OKTA_DELAYS_MS) {
    await world.okta.ask({ delayMs })
    const { of } = await inTurns(plan.speedRounds, all, (one) =>
      world.load({
        ports: [one.port],
        connections: BUSY,
        seconds: plan.slowOktaSeconds,
        sessions: one.jars,
      }),
    )
    for (const [n, one] of all.entries()) {
      Object.assign(rows[n] ?? {}, {
        [`pages/s with Okta ${delayMs} ms away`]: of(one, ({ pages, seconds }) => pages / seconds).median,
        [`p99 ms, ${delayMs} away`]: of(one, ({ p99Ms }) => p99Ms),
        [`calls per 1,000 pages, ${delayMs} away`]: of(one, (outcome) => outcome.callsPer1000Pages).median,
      })
    }
  }
  await world.okta.ask({ delayMs: 0 })
  const how = `The Users API answers late; ${plan.speedRounds} rounds of ${plan.slowOktaSeconds} s in turns, ${BUSY} connections, people who are known.`
  return { title: 'With Okta far away', how, rows }
}

export async function starts(world: World): Promise<Table> {
  const { of } = await inTurns(plan.starts, CONTESTANTS, async (contestant: Contestant) => {
    const { process, startedInMs } = await world.run(contestant)
    const { rssBytes } = await process.ask<Usage>({ usage: 'now' })
    await process.stop()
    return { startedInMs, rssBytes }
  })
  return {
    title: 'Start',
    how: `From the start of the process to its first public page, and what it has resident then; ${plan.starts} times in turns.`,
    rows: CONTESTANTS.map((contestant) => ({
      contestant: contestant.name,
      'first answer ms': of(contestant, ({ startedInMs }) => startedInMs),
      'MB resident': of(contestant, ({ rssBytes }) => rssBytes / 2 ** 20),
    })),
  }
}
