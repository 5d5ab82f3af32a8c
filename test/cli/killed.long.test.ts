import { expect, it, onTestFinished } from 'vitest'
import { startLocalOkta } from '../../local-okta/server.js'
import { COMPLETE, everythingIn, killedAfter, runSetUp, runUndo } from '../support/set-up.js'

it('[137] a set-up that was killed before any of its calls completes when it runs again', async () => {
  const okta = await startLocalOkta({ empty: true })
  onTestFinished(() => okta.close())
  for (let calls = 1; await killedAfter(okta, calls); calls++) {
    const { changes } = await runSetUp(okta)
    expect(await everythingIn(okta)).toMatchObject(COMPLETE)
    await runUndo(okta, changes)
  }
})

it('[137] a set-up that was killed a hundred times at random completes when it runs again, with one app of each kind', async () => {
  const okta = await startLocalOkta({ empty: true })
  onTestFinished(() => okta.close())
  for (let kills = 0; kills < 100; kills += 2) {
    await killedAfter(okta, Math.floor(Math.random() * 16))
    await killedAfter(okta, Math.floor(Math.random() * 16))
    const { changes } = await runSetUp(okta)
    expect(await everythingIn(okta)).toMatchObject(COMPLETE)
    await runUndo(okta, changes)
  }
}, 300_000)
