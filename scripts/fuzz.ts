/**
 * npm run fuzz [-- SEED]: 100,000 redirect targets, 1,000,000 Cookie headers, 100,000 profiles and 200,000 mutated
 * HTTP requests against the real app. Ends with an error at the first finding. Prints how much memory it takes.
 */
import { fuzzCookies, fuzzHttp, fuzzProfiles, fuzzRedirects } from '../test/support/fuzz.js'
import { startLair } from '../test/support/lair.js'

const seed = Number(process.argv[2] ?? 1)
const print = (text: string) => void process.stdout.write(`${text}\n`)
const memory = () => {
  globalThis.gc?.()
  return `${Math.round(process.memoryUsage().heapUsed / 2 ** 20)} MB of heap`
}

const lair = await startLair({ LOG_LEVEL: 'silent' })
try {
  print(`seed ${seed}, Node ${process.version}, ${memory()}`)
  fuzzRedirects(100_000, seed)
  print(`100,000 redirect targets stay on our origin; ${memory()}`)
  fuzzCookies(1_000_000, seed)
  print(`1,000,000 Cookie headers: no other cookie is taken for ours; ${memory()}`)
  for (let round = 1; round <= 10; round++) {
    await fuzzProfiles(lair, 10_000, seed * 100 + round)
    print(`${round}0,000 profiles are shown as they are; ${memory()}`)
  }
  for (let round = 1; round <= 10; round++) {
    const statuses = await fuzzHttp(lair, 20_000, seed * 100 + round)
    const counts = [...statuses].sort().map(([status, count]) => `${status}: ${count}`)
    print(`${round * 20},000 mutated requests: no 5xx (${counts.join(', ')}); ${memory()}`)
  }
} finally {
  await lair.close()
}
