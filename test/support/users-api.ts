/** A Users API that knows everybody, and whose answers take as long as the test says. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface UsersApi {
  server: Server
  /** The value for `OKTA_ORG_URL`. `OKTA_ISSUER` must then name the local Okta, where people sign in. */
  url: string
  delayMs: (userId: string) => number
}

export async function startUsersApi(): Promise<UsersApi> {
  const server = createServer((req, res) => {
    const id = req.url?.split('/').at(-1) ?? ''
    const record = { id, status: 'ACTIVE', profile: { firstName: 'Lion-O' } }
    const answer = () => res.setHeader('Content-Type', 'application/json').end(JSON.stringify(record))
    setTimeout(answer, api.delayMs(id))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const api: UsersApi = { server, url: `http://127.0.0.1:${port}`, delayMs: () => 0 }
  return api
}
