import { expect, it } from 'vitest'
import { startSoak } from './support/soak.js'

it('[117] five stops under load, all at once, lose no request (npm run soak: a hundred)', async () => {
  const soak = await startSoak(['node', '--import', 'tsx', 'src/main.ts'], 10)
  const rounds = await Promise.all(Array.from({ length: 5 }, () => soak.round()))
  await soak.close()
  for (const { lost, exitCode, exitMs, answeredBefore, answeredAfter } of rounds) {
    expect([lost, exitCode]).toEqual([[], 0])
    expect(exitMs).toBeLessThan(10_000)
    expect(Math.min(answeredBefore, answeredAfter)).toBeGreaterThan(20)
  }
})
