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
