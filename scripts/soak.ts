/**
 * npm run soak [-- --rounds 100 --at-once 4]: starts the built app, puts it under load and stops it with SIGTERM, again
 * and again. Ends with an error if a request was lost, or if the app ended late or with an exit code.
 */
import { parseArgs } from 'node:util'
import { type Round, startSoak } from '../test/support/soak.js'

const text = (value: string) => ({ type: 'string', default: value }) as const
const { values } = parseArgs({ options: { rounds: text('100'), 'at-once': text('4') } })
const print = (line: string) => void process.stdout.write(`${line}\n`)

const soak = await startSoak(['node', 'dist/main.js'])
const done: Round[] = []
let left = Number(values.rounds)
const oneAfterTheOther = async () => {
  while (left-- > 0) done.push(await soak.round())
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, oneAfterTheOther))
await soak.close()

const sum = (of: (round: Round) => number) => done.reduce((total, round) => total + of(round), 0)
const lost = done.flatMap((round, index) => round.lost.map((what) => `round ${index + 1}: ${what}`))
const unclean = done.filter(({ exitCode, exitMs }) => exitCode !== 0 || exitMs > 10_000).length
const exits = done.map(({ exitMs }) => Math.round(exitMs)).sort((a, b) => a - b)
for (const line of lost) print(line)
print(
  `${done.length} stops on Node ${process.version}: ${lost.length} requests lost, ${unclean} exits late or not 0`,
)
print(
  `answered: ${sum((round) => round.answeredBefore)} before the signal, ${sum((round) => round.answeredAfter)} after`,
)
print(`exit after ${exits[exits.length >> 1]} ms (median), ${exits.at(-1)} ms at most`)
if (lost.length > 0 || unclean > 0) process.exitCode = 1
