/**
 * npm run soak [-- --rounds 100 --at-once 4]: starts the built app, puts it under load and stops it with SIGTERM, again
 * and again. Ends with an error if a request was lost or an exit was late or not clean.
 */
import { parseArgs } from 'node:util'
import { type Round, startSoak } from '../test/support/soak.js'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, 'at-once': { type: 'string', default: '4' } },
})
const rounds = Number(values.rounds)
const print = (text: string) => void process.stdout.write(`${text}\n`)

const soak = await startSoak(['node', 'dist/main.js'])
const done: Round[] = []
let begun = 0
const worker = async () => {
  while (begun++ < rounds) {
    const round = await soak.round()
    done.push(round)
    for (const line of round.lost) print(`round ${done.length}: ${line}`)
  }
}
await Promise.all(Array.from({ length: Number(values['at-once']) }, worker))
await soak.close()

const sum = (of: (round: Round) => number) => done.reduce((total, round) => total + of(round), 0)
const exits = done.map(({ exitMs }) => Math.round(exitMs)).sort((a, b) => a - b)
const unclean = done.filter(({ exitCode, exitMs }) => exitCode !== 0 || exitMs > 10_000)
const lost = sum((round) => round.lost.length)
print(
  `${done.length} stops on Node ${process.version}: ${lost} requests lost, ${unclean.length} exits late or not 0`,
)
print(
  `answered before the signal: ${sum((round) => round.answeredBefore)}, after it: ${sum((round) => round.answeredAfter)}`,
)
print(`exit after ${exits[exits.length >> 1]} ms (median), ${exits.at(-1)} ms at most`)
if (lost > 0 || unclean.length > 0) process.exitCode = 1
