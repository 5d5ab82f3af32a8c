import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createLog } from '../../src/log.js'
import { type FailureKind, OktaFailure } from '../../src/okta/failure.js'
import { createHealth } from '../../src/okta/health.js'
import { profileOf, type User, UserNotFound } from '../../src/users/user.js'
import { createUserCache } from '../../src/users/user-cache.js'

/** The Users API as these tests tell it to be; `answer` is what the next calls get. */
let answer: (id: string) => Promise<User>
let asked: string[]
let users: ReturnType<typeof createUserCache>
let log: Record<string, unknown>[]

const user = (id: string, changes: Partial<User> = {}): User => ({
  id,
  status: 'ACTIVE',
  ...profileOf(() => null),
  firstName: id,
  lastLogin: null,
  lastKnownAt: null,
  ...changes,
})
const works = async (id: string) => user(id)
const hangs = () => new Promise<never>(() => undefined)
const fails =
  (kind: FailureKind = 'unreachable', retryAfterSeconds?: number) =>
  async () => {
    throw new OktaFailure(kind, kind, retryAfterSeconds === undefined ? {} : { retryAfterSeconds })
  }
/** Whatever is waiting goes on; with a time, as if so much had passed. */
const pass = (seconds = 0) => vi.advanceTimersByTimeAsync(seconds * 1000)
const find = (id: string) => Promise.resolve().then(() => users.find(id))
const kindOf = (id: string) => find(id).then(String, (error) => error.kind ?? error.name)

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  log = []
  answer = works
  const destination = { write: (line: string) => void log.push(JSON.parse(line)) }
  const health = createHealth('Users API', createLog({ logLevel: 'info' }, destination))
  const directory = {
    find(id: string) {
      asked.push(id)
      return answer(id)
    },
  }
  users = createUserCache(directory, { currentSeconds: 60, staleSeconds: 300, health, now: () => Date.now() })
})
afterEach(() => {
  users.close()
})

describe('[112] the age of a record', () => {
  it('below half of USER_CACHE_SECONDS: it is used as it is, without waiting', async () => {
    await find('a')
    await pass(29)
    expect(users.find('a')).toEqual(user('a'))
    expect(asked).toHaveLength(1)
  })

  it('between half and the whole: it is used at once, and refreshed behind the person’s back', async () => {
    await find('a')
    await pass(31)
    answer = async (id) => user(id, { firstName: 'new' })
    expect(users.find('a')).toMatchObject({ firstName: 'a', lastKnownAt: null })
    await pass()
    expect(users.find('a')).toMatchObject({ firstName: 'new' })
    expect(asked).toHaveLength(2)
  })

  it('beyond the whole: Okta is asked, and its answer waited for', async () => {
    await find('a')
    await pass(60)
    answer = async (id) => user(id, { firstName: 'new' })
    expect(await find('a')).toMatchObject({ firstName: 'new' })
  })

  it('counts from the moment of asking, not from a late answer', async () => {
    answer = async (id) => {
      await pass(2)
      return user(id)
    }
    await find('a')
    await pass(59)
    answer = works
    expect(users.find('a')).toBeInstanceOf(Promise)
  })

  it('counts the failure of somebody whose last one was long ago', async () => {
    answer = (id) => (id === 'a' ? fails()() : works(id))
    await kindOf('a')
    await pass(7200)
    await find('z')
    answer = fails()
    for (const id of ['a', 'b', 'c']) await kindOf(id)
    asked = []
    await kindOf('d')
    expect(asked).toEqual([])
  })

  it('is not fooled by a clock that is set back', async () => {
    await find('a')
    vi.setSystemTime(Date.now() - 3_600_000)
    await find('a')
    expect(asked).toHaveLength(2)
  })
})

describe('while Okta fails', () => {
  it('the last-known record serves for USER_STALE_SECONDS more and says since when; then there is none', async () => {
    await find('a')
    const since = new Date()
    answer = fails()
    await pass(61)
    expect(await find('a')).toMatchObject({ firstName: 'a', lastKnownAt: since })
    await pass(298)
    expect(await find('a')).toMatchObject({ lastKnownAt: since })
    await pass(2)
    expect(await kindOf('a')).toBe('unreachable')
  })

  it('a person never seen gets an error rather than a guess', async () => {
    answer = fails('server-error')
    expect(await kindOf('a')).toBe('server-error')
  })

  it('a person who comes while the app still loads waits for that, and then as long as others', async () => {
    const health = createHealth('Users API', createLog({ logLevel: 'silent' }))
    const loading = new Promise((resolve) => setTimeout(resolve, 5000))
    const options = {
      currentSeconds: 60,
      staleSeconds: 300,
      health,
      load: () => loading,
      now: () => Date.now(),
    }
    const loadingUsers = createUserCache({ find: (id) => answer(id) }, options)
    answer = (id) => (id === 'a' ? works(id) : hangs())
    const pages = ['a', 'b'].map((id) => Promise.resolve(loadingUsers.find(id)).catch(({ kind }) => kind))
    const ends: unknown[] = []
    for (const page of pages) void page.then((end) => ends.push(end))
    await pass(7.7)
    expect(ends).toEqual([user('a')])
    await pass(0.2)
    expect(ends).toEqual([user('a'), 'timeout'])
    loadingUsers.close()
  })

  it('a known person waits 500 ms once, and then no more', async () => {
    await find('a')
    await pass(61)
    answer = hangs
    const page = users.find('a') as Promise<User>
    let served: User | undefined
    void page.then((found) => (served = found))
    await pass(0.49)
    expect(served).toBeUndefined()
    await pass(0.02)
    expect(served).toMatchObject({ firstName: 'a', lastKnownAt: expect.any(Date) })
    for (const again of [await users.find('a'), await users.find('a')])
      expect(again.lastKnownAt).not.toBeNull()
    expect(asked).toHaveLength(2)
  })

  it('nobody else who is known waits either, once pages of two people gave up', async () => {
    for (const id of ['a', 'b', 'c', 'd']) await find(id)
    await pass(61)
    answer = hangs
    const first = Promise.all([find('a'), find('b')])
    await pass(0.5)
    await first
    const started = Date.now()
    await Promise.all([find('c'), find('d')])
    expect(Date.now()).toBe(started)
  })

  it('nobody counts as slow whose page did not wait', async () => {
    for (const id of ['a', 'b', 'healthy']) await find(id)
    await pass(61)
    answer = (id) => (id === 'healthy' ? works(id) : fails('bad-answer')())
    for (const id of ['a', 'b', 'a', 'b']) await find(id)
    expect(await find('healthy')).toMatchObject({ lastKnownAt: null })
  })

  it('nobody is kept from a fresh record by one person whose record is broken', async () => {
    answer = (id) => (id === 'broken' ? fails('bad-answer')() : works(id))
    for (let page = 0; page < 10; page++) expect(await kindOf('broken')).toBe('bad-answer')
    expect(await find('a')).toEqual(user('a'))
    expect(asked.filter((id) => id === 'broken').length).toBeLessThan(4)
  })
})

describe('the circuit', () => {
  it('opens after three people in a row: nobody asks, and one probe at a time goes on', async () => {
    answer = fails('server-error')
    for (const id of ['a', 'b', 'c']) expect(await kindOf(id)).toBe('server-error')
    asked = []
    answer = hangs
    for (let person = 0; person < 50; person++) expect(await kindOf(`new-${person}`)).toBe('server-error')
    expect(asked).toEqual([])
    await pass(5)
    expect(asked.length).toBeGreaterThanOrEqual(1)
    expect(asked.length).toBeLessThanOrEqual(2)
  })

  it('closes by itself within 10 s, without any page, and for everybody', async () => {
    answer = fails()
    for (const id of ['a', 'b', 'c']) await kindOf(id)
    await kindOf('a')
    answer = works
    await pass(10)
    asked = []
    for (const id of ['a', 'b', 'c', 'd']) expect(await find(id)).toEqual(user(id))
  })

  it('gives up on one person after two failures, and finds out by itself when they are over', async () => {
    answer = fails()
    await kindOf('a')
    await kindOf('a')
    asked = []
    for (let page = 0; page < 20; page++) await kindOf('a')
    expect(asked).toEqual([])
    answer = works
    await pass(10)
    expect(asked.length).toBeGreaterThan(0)
    expect(users.find('a')).toEqual(user('a'))
  })

  it('lets in whoever Okta can tell of, while three others’ records are broken', async () => {
    answer = (id) => (id.startsWith('broken') ? fails('bad-answer')() : works(id))
    for (const id of ['broken1', 'broken2', 'broken3']) await kindOf(id)
    let refused = 0
    for (let second = 0; second < 60; second++) {
      if ((await kindOf('healthy')) === 'bad-answer') refused++
      await pass(1)
    }
    expect(refused).toBeLessThan(5)
  })

  it('does not open again for broken records that it knows already', async () => {
    answer = (id) => (id.startsWith('broken') ? fails('bad-answer')() : works(id))
    for (const id of ['broken1', 'broken2', 'broken3']) await kindOf(id)
    let refused = 0
    for (let visitor = 0; visitor < 100; visitor++) {
      if ((await kindOf(`visitor-${visitor}`)) === 'bad-answer') refused++
      await pass(20)
    }
    expect(refused).toBeLessThanOrEqual(1)
  })

  it('is not fooled by a clock that is set back', async () => {
    answer = fails('rate-limited', 20)
    await kindOf('a')
    vi.setSystemTime(Date.now() - 3_600_000)
    expect((await find('b').catch((error) => error)).kind).toBe('rate-limited')
    answer = works
    await pass(60)
    expect(await find('b')).toEqual(user('b'))
  })

  it('does not ask for ever for somebody who has left', async () => {
    answer = fails()
    await kindOf('a')
    await kindOf('a')
    await pass(3600)
    asked = []
    await pass(3600)
    expect(asked).toEqual([])
  })
})

describe('a rate limit', () => {
  it('pauses all calls until its reset; then they go on', async () => {
    await find('known')
    await pass(61)
    answer = fails('rate-limited', 20)
    expect(await kindOf('a')).toBe('rate-limited')
    answer = works
    asked = []
    const failure = await find('b').catch((error) => error)
    expect(failure).toMatchObject({ kind: 'rate-limited', retryAfterSeconds: 20 })
    expect(await find('known')).toMatchObject({ lastKnownAt: expect.any(Date) })
    await pass(19)
    expect((await find('b').catch((error) => error)).retryAfterSeconds).toBe(1)
    expect(asked).toEqual([])
    await pass(1)
    expect(await find('b')).toEqual(user('b'))
  })
})

describe('[112] calls', () => {
  it('are shared: 500 first requests at once for one person make one', async () => {
    const pages = await Promise.all(Array.from({ length: 500 }, () => find('a')))
    expect(pages).toHaveLength(500)
    expect(asked).toEqual(['a'])
  })

  it('for 2,000 pages of 20 people are 20', async () => {
    for (let page = 0; page < 2000; page++) await find(`person-${page % 20}`)
    expect(asked).toHaveLength(20)
  })

  it('leave no more than 20,000 people in memory', async () => {
    for (let person = 0; person < 20_001; person++) await find(`person-${person}`)
    asked = []
    await find('person-20000')
    await find('person-0') // the longest unseen has been forgotten
    expect(asked).toEqual(['person-0'])
  })
})

describe('a verdict', () => {
  it.each(['SUSPENDED', 'DEPROVISIONED', 'STAGED', 'PROVISIONED'])(
    '%s is handed on and not kept',
    async (status) => {
      await find('a')
      await pass(61)
      answer = async (id) => user(id, { status })
      expect(await find('a')).toMatchObject({ status })
      answer = works
      expect(await find('a')).toMatchObject({ status: 'ACTIVE' })
    },
  )

  it('that came in the background reaches the next page, and nothing older serves after it', async () => {
    await find('a')
    await pass(31)
    answer = async () => {
      throw new UserNotFound('gone')
    }
    await find('a')
    await pass()
    expect(await kindOf('a')).toBe('UserNotFound')
    answer = fails()
    expect(await kindOf('a')).toBe('unreachable')
  })
})

describe('the log', () => {
  it('tells once that the Users API fails and why, once when the cause changes, and once that it works again', async () => {
    answer = fails('server-error')
    for (let page = 0; page < 100; page++) await kindOf(`person-${page}`)
    answer = fails('api-token')
    await pass(10)
    answer = works
    await pass(10)
    expect(log.map(({ level, dependency, cause }) => [level, dependency, cause])).toEqual([
      ['warn', 'Users API', 'server-error'],
      ['error', 'Users API', 'api-token'],
      ['info', 'Users API', undefined],
    ])
    expect(log[1]?.remedy).toContain('OKTA_AUTH_TOKEN')
  })
})

describe('[132] a record without the groups that pages ask for', () => {
  const groups = new OktaFailure('server-error', 'no groups')
  const whole = async (id: string) => user(id, { groups: ['Lair keepers'] })
  const half = async (id: string) => user(id, { groups })

  it('serves where there is none with groups, and the log has one line; another one is current as usual', async () => {
    answer = half
    expect(await find('a')).toEqual(user('a', { groups }))
    expect(await find('a')).toEqual(user('a', { groups }))
    expect(asked).toHaveLength(1)
    for (const id of ['b', 'c', 'd', 'e']) expect(await find(id)).toEqual(user(id, { groups })) // Okta is asked for all
    expect(log.map(({ msg }) => msg)).toEqual(['Users API: server-error'])
  })

  it('does not take the place of the last-known one with groups, until that is too old', async () => {
    answer = whole
    await find('a')
    answer = half
    await pass(61)
    expect(await find('a')).toMatchObject({ groups: ['Lair keepers'], lastKnownAt: expect.any(Date) })
    await pass(300)
    expect(await find('a')).toMatchObject({ groups })
  })

  it('is replaced as soon as Okta tells groups again, also for those for whom nobody asks in the background', async () => {
    answer = half
    const people = [...'abcdefgh']
    for (const id of people) await find(id)
    answer = whole
    await pass(3) // a probe
    for (const id of people) await find(id)
    await pass()
    for (const id of people)
      expect(await find(id)).toMatchObject({ groups: ['Lair keepers'], lastKnownAt: null })
  })

  it('is none that shuts a person in: a verdict counts without groups', async () => {
    answer = whole
    await find('a')
    answer = async (id) => user(id, { groups, status: 'SUSPENDED' })
    await pass(61)
    expect(await find('a')).toMatchObject({ status: 'SUSPENDED' })
  })

  it('begins the pause that Okta asks for', async () => {
    answer = async (id) =>
      user(id, { groups: new OktaFailure('rate-limited', '', { retryAfterSeconds: 20 }) })
    await find('a')
    expect(await kindOf('b')).toBe('rate-limited')
    expect(asked).toEqual(['a'])
  })
})
