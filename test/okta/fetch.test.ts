import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { boundedFetch, parseObject } from '../../src/okta/fetch.js'

it('an answer that wants another protocol fails at once, and never hangs', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: upgrade\r\n\r\n')
  }).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const begun = performance.now()
  const answer = boundedFetch(`http://127.0.0.1:${port}/`, {}, AbortSignal.timeout(5000))
  await expect(answer).rejects.toMatchObject({ kind: 'unreachable' })
  expect(performance.now() - begun).toBeLessThan(2000)
})

it.each(['', 'null', '[]', '"text"', '1', '{'])('%j is no document of Okta’s', (text) => {
  expect(() => parseObject(text)).toThrow('not a JSON object')
})
