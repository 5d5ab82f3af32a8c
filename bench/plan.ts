/** How much of everything. The default takes five to six minutes, `--quick` one and a half; only the default is worth quoting. */
const DEFAULT = {
  rounds: 7,
  warmUpPages: 4000,
  pagesPerRound: 2000,
  speedRounds: 5,
  speedSeconds: 0.5,
  slowOktaSeconds: 0.5,
  starts: 5,
  /** Sessions that ask for one page each; the peers end after so many seconds, whatever they have got to. */
  sessions: 100_000,
  peerSessionSeconds: 6,
  people: 10_000,
  /** How many people one instance comes to know. */
  mostPeople: 100_000,
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
  slowOktaSeconds: 0.5,
  starts: 1,
  sessions: 5000,
  peerSessionSeconds: 1,
  people: 1000,
  mostPeople: 5000,
  growthPages: 100,
  instanceSeconds: 2,
}

export type Plan = typeof DEFAULT

export const quick = process.argv.includes('--quick')
export const plan: Plan = quick ? QUICK : DEFAULT
