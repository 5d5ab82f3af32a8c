import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectSignedOut, type Instances, startInstances, untilRedis } from '../support/instances.js'
import { LION_O } from '../support/okta-client.js'
import { findRedis, type RedisServer, startRedis } from '../support/redis-server.js'

let redis: RedisServer
let instances: Instances
beforeAll(async () => {
  if (!findRedis()) return
  redis = await startRedis()
  instances = await startInstances(2, redis)
})
afterAll(async () => {
  await instances?.close()
  await redis?.close()
})

describe.skipIf(!findRedis())('[76] Universal Logout, with REDIS_URL', () => {
  const logOut = async (jti: string, instance = 0) => {
    const { okta, all } = instances
    const url = `${all[instance]?.reach}/global-token-revocation`
    return okta.sendUniversalLogout(okta.people[0] as never, { url, claims: { jti } })
  }

  it('[134] ends the sessions of the person on every instance, and its token works at no other one', async () => {
    const sessions = [await instances.signedIn(0), await instances.signedIn(1)]
    expect((await logOut('one')).status).toBe(204)
    for (const session of sessions) await expectSignedOut(session)
    const since = await instances.signedInAgain(1)
    expect((await logOut('one', 1)).status).toBe(401)
    expect((await since.ask('/lair')).status).toBe(200)
  })

  it('[143] ends a sign-in that began on another instance before', async () => {
    const [begun, session] = [instances.visitor(0), await instances.signedIn(1)]
    const { href } = await begun.untilCallback(LION_O)
    expect((await logOut('begun before')).status).toBe(204)
    await expectSignedOut(session)
    expect((await instances.at(1, begun).ask(href)).status).toBe(400)
    expect((await (await instances.signedInAgain(1)).ask('/lair')).status).toBe(200)
  })

  it('says 503 if the others cannot be told; the same token works when Redis is back', async () => {
    const [here, elsewhere] = [await instances.signedIn(0), await instances.signedIn(1)]
    await redis.stop()
    for (const lair of instances.all) await untilRedis(lair, false)
    const answer = await logOut('two')
    expect([answer.status, await answer.json()]).toEqual([
      503,
      expect.objectContaining({ error: 'not_shared' }),
    ])
    expect((await here.ask('/lair')).status).toBe(302)
    expect((await elsewhere.ask('/lair')).status).toBe(200)
    await redis.start()
    await instances.connected()
    expect((await logOut('two')).status).toBe(204)
    await expectSignedOut(elsewhere)
  })
})
