import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { ROOT } from './support/process.js'

/** Fills and forgets, as loading libraries does, and prints the bytes of the young generation. */
const CHURN = `
  import { getHeapSpaceStatistics } from 'node:v8'
  let kept = []
  for (let n = 0; n < 2e6; n++) kept.push({ n }) && n % 4e5 === 0 && (kept = [])
  console.log(getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space').space_size)`

it('the young generation stays small, however much is loaded', () => {
  const run = (first: string) =>
    Number(
      execFileSync('node', ['--import', 'tsx', '--input-type=module', '-e', first + CHURN], { cwd: ROOT }),
    )
  const [left, kept] = [run(''), run("import './src/small-heap.ts'\n")]
  expect(kept).toBeLessThan(left * 0.75)
})
