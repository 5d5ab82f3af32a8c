import { describe, expect, it } from 'vitest'
import { createEndedSessions } from '../../src/sessions/ended-sessions.js'

describe('createEndedSessions', () => {
  const HOUR = 3600
  let time = 1_000_000
  const session = (id: string, subject = 'lion-o', startedAt = time) => ({
    id,
    startedAt,
    person: { subject },
  })
  const create = (maxMarks?: number) =>
    createEndedSessions({ maxSeconds: HOUR, now: () => time, ...(maxMarks && { maxMarks }) })

  it('keeps a session ended, and only that one', () => {
    const ended = create()
    ended.end(session('a'))
    expect(ended.has(session('a'))).toBe(true)
    expect(ended.has(session('b'))).toBe(false)
  })

  it('ends all that may have begun until now, if the clock is not known exactly, until the last of it has timed out', () => {
    const ended = createEndedSessions({ maxSeconds: HOUR, now: () => time, latest: () => time + 50 })
    ended.endAll('lion-o')
    const [last, since] = [session('last', 'lion-o', time + 50), session('since', 'lion-o', time + 51)]
    expect([ended.has(last), ended.has(since)]).toEqual([true, false])
    time += HOUR * 1000 + 50
    expect([...ended.all()]).toHaveLength(1)
    time += 1
    expect([...ended.all()]).toEqual([])
  })

  it('at the cap ends everything that the person had begun, rather than forget a mark', () => {
    const ended = create(3)
    const began = time
    for (const id of ['a', 'b', 'c']) ended.end(session(id))
    time += 1
    ended.end(session('d', 'lion-o', began))
    for (const id of ['a', 'b', 'c', 'd', 'another'])
      expect(ended.has(session(id, 'lion-o', began))).toBe(true)
    expect(ended.has(session('new'))).toBe(false) // signed in again since
    expect(ended.has(session('e', 'cheetara', began))).toBe(false)
  })

  it('at the cap ends no session that began after those that ended, though before they ended', () => {
    const ended = create(1)
    const began = time
    ended.end(session('a'))
    const next = session('next', 'lion-o', began + 1)
    time += 60_000
    ended.end(session('b', 'lion-o', began))
    expect([ended.has(session('a', 'lion-o', began)), ended.has(next)]).toEqual([true, false])
    ended.end(next)
    expect(ended.has(next)).toBe(true)
  })

  it('at the cap ends the first session of a person too, and none that began since', () => {
    const ended = create(1)
    ended.end(session('a', 'cheetara'))
    const began = session('b')
    ended.end(began)
    time += 1
    expect([ended.has(began), ended.has(session('c'))]).toEqual([true, false])
  })

  it('makes room by dropping what is over anyway', () => {
    const ended = create(2)
    ended.end(session('a', 'lion-o'))
    ended.end(session('b', 'cheetara'))
    time += (HOUR + 1) * 1000
    ended.end(session('c', 'lion-o'))
    expect(ended.has(session('other', 'lion-o'))).toBe(false) // no mark for the whole person was needed
    expect(ended.has(session('c', 'lion-o'))).toBe(true)
  })

  it('ends all that a person has begun until now, and nothing that begins afterwards, also of nobody else', () => {
    const ended = create()
    const began = time
    time += 1
    ended.endAll('lion-o')
    expect(ended.has(session('a', 'lion-o', began))).toBe(true)
    expect(ended.has(session('now'))).toBe(true)
    expect(ended.has(session('b', 'lion-o', time + 1))).toBe(false)
    expect(ended.has(session('c', 'cheetara', began))).toBe(false)
  })

  it('keeps the mark of a person until the last session that it ends is over', () => {
    const ended = create(1)
    const began = time
    time += 1
    ended.endAll('lion-o')
    time += HOUR * 1000 - 2
    ended.endAll('cheetara') // makes room
    expect(ended.has(session('a', 'lion-o', began))).toBe(true)
  })
})
