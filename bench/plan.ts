/** How much of everything. The default takes five minutes, `--quick` about one; only the default is worth quoting. */
const DEFAULT = {
  rounds: 5,
  warmUpPages: 4000,
  pagesPerRound: 2000,
  speedRounds: 3,
  speedSeconds: 0.7,
  slowOktaPages: 1000,
  starts: 5,
  /** Sessions that ask for one page each, how long they have for it here, and how long with the others. */
  sessions: 100_000,
  sessionSeconds: 40,
  peerSessionSeconds: 10,
  people: 10_000,
  /** How many people one instance comes to know, and how long it has for it. */
  mostPeople: 100_000,
  peopleSeconds: 45,
  growthPages: 500,
  instanceSeconds: 4,
}

const QUICK: Plan = {
  ...DEFAULT,
  rounds: 3,
  warmUpPages: 500,
  pagesPerRound: 500,
  speedRounds: 1,
  speedSeconds: 0.3,
  slowOktaPages: 200,
  starts: 1,
  sessions: 5000,
  sessionSeconds: 3,
  peerSessionSeconds: 1,
  people: 1000,
  mostPeople: 5000,
  peopleSeconds: 4,
  growthPages: 100,
  instanceSeconds: 2,
}

export type Plan = typeof DEFAULT

export const quick = process.argv.includes('--quick')
export const plan: Plan = quick ? QUICK : DEFAULT
