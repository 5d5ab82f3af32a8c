import { describe, expect, it } from 'vitest'
import { createSharedClock } from '../../src/redis/shared-clock.js'

/** Two clocks: ours, and that of Redis, which is ahead by `aheadMs`. */
function clocks(aheadMs: number) {
  const time = { own: 1_700_000_000_000, aheadMs }
  const clock = createSharedClock(() => Math.floor(time.own))
  /** Asks Redis: the question and the answer are that long on their way. */
  const ask = (thereMs: number, backMs: number) => {
    const askedAt = Math.floor(time.own)
    time.own += thereMs
    const said = time.own + time.aheadMs
    time.own += backMs
    clock.set(said, askedAt)
  }
  const redis = () => time.own + time.aheadMs
  /** How far its two limits are apart. The clock of Redis is always between them. */
  const width = () => {
    expect(clock.now()).toBeLessThanOrEqual(redis())
    expect(clock.latest()).toBeGreaterThanOrEqual(redis())
    return clock.latest() - clock.now()
  }
  return { time, clock, ask, width }
}

describe('the clock that instances share', () => {
  it('is our own until Redis has told its time', () => {
    const { clock, time } = clocks(5000)
    expect([clock.now(), clock.latest()]).toEqual([time.own, time.own])
  })

  it.each([-5000, -3, 0, 0.4, 5000])(
    'never goes back, and comes near to that of Redis, which is never out of its limits: %d ms ahead',
    (aheadMs) => {
      const { time, clock, ask, width } = clocks(aheadMs)
      ask(3, 240)
      expect(width()).toBeGreaterThan(240)
      let before = clock.now()
      for (let turn = 0; turn < 2000; turn++) {
        ask(((turn * 37) % 240) / 2 + 0.3, ((turn * 101) % 240) / 2 + 0.2)
        expect(clock.now()).toBeGreaterThanOrEqual(before)
        before = clock.now()
        time.own += (turn % 7) / 3
        width()
      }
      expect(width()).toBeLessThan(20)
    },
  )

  it('stays right if this process stood still for long while Redis answered', () => {
    const { ask, width } = clocks(0)
    ask(1, 1)
    ask(30_000, 1)
    expect(width()).toBeLessThan(50)
    ask(1, 30_000)
    expect(width()).toBeLessThan(100)
  })

  it.each([-0.0009, 0.0009])('is right if one clock is always %d too fast', (gain) => {
    const { time, ask, width } = clocks(0)
    for (let second = 0; second < 1000; second++) {
      ask(second % 5, second % 3)
      expect(width()).toBeLessThan(10)
      time.own += 1000
      time.aheadMs += 1000 * gain
    }
  })

  it.each([-5000, 5000])('follows at once if a clock is set: %i ms', (ms) => {
    const { time, ask, width } = clocks(0)
    ask(1, 1)
    time.aheadMs += ms
    ask(1, 1)
    expect(width()).toBeLessThan(8)
  })
})
