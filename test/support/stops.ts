/** Stops several apps under load, all at once, and expects that each stop loses no request. */
import { expect } from 'vitest'
import { MAIN } from './app-process.js'
import { startSoak } from './soak.js'

export async function loseNoRequest(stops: number): Promise<void> {
  const soak = await startSoak(['node', MAIN], 10)
  const rounds = await Promise.all(Array.from({ length: stops }, () => soak.round()))
  await soak.close()
  for (const { lost, exitCode, exitMs, answeredBefore, answeredAfter } of rounds) {
    expect([lost, exitCode]).toEqual([[], 0])
    expect(exitMs).toBeLessThan(10_000)
    expect(Math.min(answeredBefore, answeredAfter)).toBeGreaterThan(20)
  }
}
