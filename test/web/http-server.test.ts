import { IncomingMessage, ServerResponse } from 'node:http'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Lair, startLair } from '../support/lair.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

it('requests and responses come with Express’s prototypes: changing them is what is dear on Node 20', async () => {
  const visitor = await lair.signedIn()
  const setPrototypeOf = Object.setPrototypeOf
  const asked: boolean[] = []
  vi.spyOn(Object, 'setPrototypeOf').mockImplementation((target, prototype) => {
    if (target instanceof IncomingMessage || target instanceof ServerResponse)
      asked.push(Object.getPrototypeOf(target) === prototype)
    return setPrototypeOf(target, prototype)
  })
  for (const path of ['/', '/lair', '/healthz']) expect((await visitor.ask(path)).status).toBe(200)
  vi.restoreAllMocks()
  expect(asked).toEqual(Array(6).fill(true))
})

it('an answer under way when the app is told to stop is the last on its connection', async () => {
  const visitor = await lair.signedIn()
  await lair.restart() // it knows nobody now
  await lair.okta.faults.on('users-slow')
  const { asked } = lair.okta.faults
  const before = asked.users
  const page = visitor.ask('/lair', { headers: { Connection: 'keep-alive' } })
  await vi.waitFor(() => expect(asked.users).toBe(before + 1), 5000)
  await lair.restart()
  await lair.okta.faults.clear()
  const { status, headers } = await page
  expect([status, headers.connection]).toEqual([200, 'close'])
})
