import request from 'supertest'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { feltBy } from '../../local-okta/felt.js'
import { type LocalOkta, startLocalOkta } from '../../local-okta/server.js'
import { rows } from '../support/faults.js'
import { attribute, elements, textOf } from '../support/html.js'

const LION_O = 'lion-o@thundera.example'

let okta: LocalOkta
const restartApp = vi.fn(async () => undefined)
beforeAll(async () => {
  okta = await startLocalOkta({ restartApp })
})
afterEach(() => okta.faults.clear())
afterAll(() => okta.close())

const json = () => request(okta.orgUrl).get('/faults').accept('json')
const post = (body: object | string) => request(okta.orgUrl).post('/faults').send(body)
const textAt = async (path: string) =>
  (await request(okta.orgUrl).get(path).accept('text/html').expect(200)).text
/** What the page says has just been done. */
const acknowledged = async (path: string) => {
  const status = elements(await textAt(path)).find((one) => attribute(one, 'role') === 'status')
  return status && textOf(status)
}
/** Sends a form, and reads what the next page says has been done. */
const acknowledgedAfter = async (form: string) =>
  acknowledged((await post(form).expect(303)).headers.location ?? '')

describe('GET /faults', () => {
  it('tells the faults, which of them are on, and how often was asked', async () => {
    okta.faults.on('users-500', LION_O)
    okta.faults.on('clock-30s-ahead')
    await request(okta.orgUrl).get('/oauth2/v1/keys')
    const { body } = await json().expect(200)
    expect(body).toEqual({
      faults: okta.faults.list,
      active: [
        { name: 'users-500', person: LION_O },
        { name: 'clock-30s-ahead', person: null },
      ],
      asked: { discovery: 0, keys: 1, token: 0, users: 0, groups: 0, credentials: 0 },
    })
    expect(body.faults[0]).toEqual({
      name: 'account-suspended',
      group: 'account',
      label: 'Account suspended',
      perPerson: true,
    })
  })

  it('is a page that names every fault, for a browser', async () => {
    const { text, headers } = await request(okta.orgUrl).get('/faults').accept('text/html').expect(200)
    expect(headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'self'/)
    for (const { name } of okta.faults.list) {
      expect(text).toContain(`value="${name}"`)
      expect(text).toContain(`<code>${name}</code>`)
    }
  })

  it('says of each fault when it is felt', async () => {
    const html = await textAt('/faults')
    const groups = elements(html).filter(({ tagName }) => tagName === 'details')
    expect(groups.length).toBe(new Set(okta.faults.list.map(({ group }) => group)).size)
    for (const group of groups) expect(textOf(group)).toMatch(/Felt: (At|By|When) /)
    // One fault for each moment. While the org is down, it has no page.
    const kinds = new Map(okta.faults.list.map((fault) => [feltBy(fault).when, fault]))
    for (const [when, { name, group }] of kinds) {
      if (group === 'org' || name === 'keys-rotated') continue
      okta.faults.on(name)
      const said = await acknowledged(`/faults?done=on&fault=${name}`)
      expect(said).toContain(`Felt: ${when}`)
      expect(said?.includes('Forget what the app')).toBe(feltBy({ name, group }).soonerIfForgotten)
    }
  })

  it('says "sooner" of the faults that an app feels from its start on, or by its records, as docs/faults.md has it', () => {
    const sooner = (heading: string, column: number, sign: RegExp) => {
      const found = rows(heading).filter((cells) => sign.test(cells[column] ?? ''))
      return found.map(([name]) => name)
    }
    const documented = [
      ...sooner('Accounts', 1, /403/),
      ...sooner('The Users API', 2, /503/),
      ...sooner('The groups of a person', 2, /503/),
      ...sooner('Service-app credentials', 2, /503/),
      ...sooner('Discovery and signing keys', 2, /503/),
      ...sooner('Everything', 2, /503/),
    ]
    expect(documented.length).toBeGreaterThan(50)
    const said = okta.faults.list.filter((fault) => feltBy(fault).soonerIfForgotten)
    const notInTables = /-slow$|^account-in-no-group$/ // hardly felt at all; felt only by an app with LAIR_GROUPS
    const seen = said.map(({ name }) => name).filter((name) => !notInTables.test(name))
    expect(seen.sort()).toEqual(documented.sort())
  })

  it('has "Off" for a fault that is on, and "On" for the people for whom it is not', async () => {
    const buttons = async (name: string) => {
      const all = elements(await textAt('/faults')).filter(({ tagName }) => tagName === 'button')
      return all.filter((one) => attribute(one, 'value') === name).map(textOf)
    }
    expect(await buttons('users-500')).toEqual(['On'])
    okta.faults.on('users-500', LION_O)
    okta.faults.on('keys-500')
    expect(await buttons('users-500')).toEqual(['On', 'Off'])
    expect(await buttons('keys-500')).toEqual(['Off'])
    okta.faults.on('users-500')
    expect(await buttons('users-500')).toEqual(['Off'])
  })

  it('believes no address that says a thing was done', async () => {
    for (const query of ['done=on&fault=users-500', 'done=on&fault=<b>', 'done=on', 'done[]=on', 'done=<b>'])
      expect(await acknowledged(`/faults?${query}`)).toBeUndefined()
    okta.faults.on('users-500')
    expect(await acknowledged('/faults?done=off')).toBeUndefined()
    expect(await acknowledged('/faults?done=off&fault=users-500')).toMatch(/^Still on/)
  })

  it('is where the home page leads', async () => {
    expect((await request(okta.orgUrl).get('/')).text).toContain('href="/faults"')
  })
})

describe('POST /faults', () => {
  it('switches for everybody and for one, off again, and all off; answers as GET does', async () => {
    const { body } = await post({ fault: 'users-500', switch: 'on' }).expect(200)
    expect(body.active).toEqual([{ name: 'users-500', person: null }])
    await post({ fault: 'users-null', person: LION_O, switch: 'on' }).expect(200)
    expect(okta.faults.active()).toContainEqual({ name: 'users-null', person: LION_O })
    await post({ fault: 'users-500', switch: 'off' }).expect(200)
    expect(okta.faults.active()).toEqual([{ name: 'users-null', person: LION_O }])
    const cleared = await post({ switch: 'off' }).expect(200)
    expect(cleared.body).toEqual((await json()).body)
    expect(cleared.body.active).toEqual([])
  })

  it('takes a form and leads back to the page', async () => {
    const form = 'fault=users-500&person=lion-o%40thundera.example&switch=on'
    const { headers } = await post(form).expect(303)
    expect(headers.location).toBe('/faults?done=on&fault=users-500')
    await post('fault=token-500&person=&switch=on').expect(303)
    expect(okta.faults.active()).toEqual([
      { name: 'users-500', person: LION_O },
      { name: 'token-500', person: null },
    ])
    await post('switch=off').expect(303)
    expect(okta.faults.active()).toEqual([])
  })

  it('tells on the next page what was done', async () => {
    expect(await acknowledgedAfter('fault=users-500&switch=on')).toContain('On: The Users API says 500')
    expect(await acknowledgedAfter('fault=users-500&switch=off')).toBe(
      'Off: The Users API says 500 in Okta’s words.',
    )
    expect(await acknowledgedAfter('switch=off')).toBe('Everything is off.')
    const { kid } = okta.signingKey
    const said = await acknowledgedAfter('fault=keys-rotated&switch=on')
    expect(okta.signingKey.kid).not.toBe(kid)
    expect(said).toContain(`The org signs with the key ${okta.signingKey.kid}`)
  })

  it('rotates the keys before it answers', async () => {
    const { kid } = okta.signingKey
    const { body } = await post({ fault: 'keys-rotated', switch: 'on' }).expect(200)
    expect(okta.signingKey.kid).not.toBe(kid)
    expect(body.active).toEqual([])
  })

  it.each([{ fault: 'org-down', switch: 'on' }, 'fault=org-down&switch=on'])(
    'answers, and then the org is down (%o)',
    async (body) => {
      const answer = await post(body).expect(200)
      if (typeof body === 'string') expect(answer.headers.refresh).toMatch(/^2\d; url=\/faults$/)
      else expect(answer.body.active).toEqual([{ name: 'org-down', person: null }])
      await vi.waitFor(() => expect(json()).rejects.toThrow('ECONNREFUSED'))
    },
  )

  it.each([
    [{ fault: 'users-explodes', switch: 'on' }, 'no fault named "users-explodes"'],
    [{ fault: 'users-500', person: 'snarf@thundera.example', switch: 'on' }, 'signs in as "snarf@'],
    [{ fault: 'keys-500', person: LION_O, switch: 'on' }, 'cannot be switched for one person'],
    [{ fault: 'keys-500' }, '"switch" must be'],
    [{ switch: 'on' }, '"fault" must name'],
    [{ fault: ['keys-500'], switch: 'on' }, 'must be one text each'],
    [{ fault: { toString: 1 }, switch: 'on' }, 'must be one text each'],
    [[], '"switch" must be'],
    ['{', 'neither JSON nor a form'],
  ])('says what is wrong with %j', async (body, sentence) => {
    const { body: answer } = await post(body).type('json').expect(400)
    expect(answer.error).toContain(sentence)
    expect(okta.faults.active()).toEqual([])
  })

  it('says it in a page to a form, and without markup of the sender', async () => {
    const { text } = await post('fault=<script>&switch=on').expect(400)
    expect(text).toContain('There is no fault named &quot;&lt;script&gt;&quot;.')
  })

  it.each([
    [{ 'Sec-Fetch-Site': 'cross-site' }, 403],
    [{ 'Sec-Fetch-Site': 'same-site' }, 403], // such as the app, on another port of localhost
    [{ Origin: 'http://localhost:3000' }, 403],
    [{ Origin: 'null' }, 403],
    [{ 'Sec-Fetch-Site': 'same-origin' }, 303],
    [{ 'Sec-Fetch-Site': 'none' }, 303],
  ])('that comes with %o is answered with %i', async (headers, status) => {
    await post('fault=users-500&switch=on').set(headers).expect(status)
    expect(okta.faults.active()).toHaveLength(status === 303 ? 1 : 0)
  })

  it('is taken from the org’s own page by browsers that do not say Sec-Fetch-Site', async () => {
    await post('fault=users-500&switch=on').set('Origin', okta.orgUrl).expect(303)
  })

  it('answers, like GET, to a host that is this machine only', async () => {
    const { port } = new URL(okta.orgUrl)
    for (const host of [`evil.example:${port}`, 'localhost.evil.example', '10.0.0.1']) {
      await json().set('Host', host).expect(403)
      await post({ fault: 'users-500', switch: 'on' }).set('Host', host).expect(403)
    }
    await json().set('Host', `127.0.0.1:${port}`).expect(200)
    expect(okta.faults.active()).toEqual([])
  })
})

describe('POST /faults/forget', () => {
  const forget = (org = okta) => request(org.orgUrl).post('/faults/forget').accept('text/html')

  it('restarts the app, and the next page says so', async () => {
    restartApp.mockClear()
    const { headers } = await forget().set('Sec-Fetch-Site', 'same-origin').expect(303)
    expect(restartApp).toHaveBeenCalledOnce()
    expect(await acknowledged(headers.location ?? '')).toContain('The app has restarted')
  })

  it('restarts nothing for another site', async () => {
    restartApp.mockClear()
    await forget().set('Sec-Fetch-Site', 'same-site').expect(403)
    await forget().set('Origin', 'http://localhost:3000').expect(403)
    await forget().set('Host', 'evil.example').expect(403)
    await request(okta.orgUrl).get('/faults/forget').expect(404)
    expect(restartApp).not.toHaveBeenCalled()
  })

  it('says so if the app does not start again', async () => {
    restartApp.mockRejectedValueOnce(new Error())
    expect((await forget().expect(503)).text).toContain('The app has not started again')
  })

  it('is not offered by an org that nobody started with an app', async () => {
    const alone = await startLocalOkta()
    const { text } = await request(alone.orgUrl).get('/faults').accept('text/html')
    expect(text).not.toContain('/faults/forget')
    expect(text).toContain('restart the app: then it remembers nothing')
    expect((await forget(alone).expect(404)).text).toContain('Only npm run dev')
    await alone.close()
  })
})
