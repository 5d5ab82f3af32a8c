import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { ApiCredentials } from '../../src/okta/api-credentials.js'
import { networkFailure, OktaFailure } from '../../src/okta/failure.js'
import { createOktaGroups } from '../../src/users/okta-groups.js'

const ORG = 'https://org.example'
const ID = '00u1'
const PATH = `/api/v1/users/${ID}/groups`

type Reply = { names?: unknown[]; link?: string; delayMs?: number }

/** Asks for the groups of a person, of an org that answers each call with `reply`. */
async function groupsOf(wanted: string[], reply: (call: number) => Reply) {
  const urls: string[] = []
  const credentials: ApiCredentials = {
    async fetch(url, _init, signal) {
      const { names = [], link, delayMs = 0 } = reply(urls.push(url))
      await pause(delayMs, undefined, { signal }).catch(() => Promise.reject(networkFailure(signal.reason)))
      const text = JSON.stringify(names.map((name) => ({ profile: { name } })))
      return { response: new Response(text, { headers: link ? { Link: link } : {} }), text }
    },
    close: () => undefined,
  }
  return { found: await createOktaGroups(ORG, credentials, new Set(wanted))(ID), urls }
}

const self = `<${ORG}${PATH}?limit=100>; rel="self"`
const next = (url: string) => `${self}, <${url}>; rel="next"`

describe('[132] the groups of a person', () => {
  it('are those asked for, letter by letter, and no others', async () => {
    const names = ['Everyone', 'Lair keepers', 'lair keepers', ' Lair keepers', '__proto__']
    const { found, urls } = await groupsOf(['Lair keepers', '__proto__', 'toString'], () => ({ names }))
    expect(found).toEqual(['Lair keepers', '__proto__'])
    expect(urls).toEqual([`${ORG}${PATH}?limit=100`])
  })

  it.each([
    `https://evil.example${PATH}?after=a`,
    `https://org.example@evil.example${PATH}?after=a`,
    `http://org.example${PATH}?after=a`,
  ])('are asked of the org alone, whatever host the link to the next page names: %s', async (url) => {
    const { found, urls } = await groupsOf(['B'], (call) =>
      call === 1 ? { names: ['A'], link: next(url) } : { names: ['B'] },
    )
    expect(found).toEqual(['B'])
    expect(urls.at(-1)).toBe(`${ORG}${PATH}?after=a`)
  })

  it.each(['https://org.example/api/v1/users/00u2/groups?after=a', '//evil.example/', 'nowhere', ''])(
    'are not known if the link leads to something else: %s',
    async (url) => {
      const { found, urls } = await groupsOf(['B'], () => ({ link: next(url) }))
      expect(found).toMatchObject({ kind: 'bad-answer' })
      expect(urls).toHaveLength(1)
    },
  )

  it('are read no further than until all that matters is known', async () => {
    const { urls } = await groupsOf(['A'], () => ({ names: ['A'], link: next(`${ORG}${PATH}?after=a`) }))
    expect(urls).toHaveLength(1)
  })

  it('are not known of a person with more than 3,000, and the log says what to do', async () => {
    const { found, urls } = await groupsOf(['B'], () => ({ link: next(`${ORG}${PATH}?after=a`) }))
    expect(found).toMatchObject({ kind: 'bad-answer', remedy: expect.stringContaining('3000') })
    expect(urls).toHaveLength(30)
  })

  it('take 2 s at most, all pages together', async () => {
    const begun = performance.now()
    const { found } = await groupsOf(['B'], () => ({ link: next(`${ORG}${PATH}?after=a`), delayMs: 300 }))
    expect(found).toMatchObject({ kind: 'timeout' })
    expect(performance.now() - begun).toBeLessThan(2800)
  })

  it.each([[[null]], [[5]], [[{}]]])(
    'are not known if the answer is no list of groups: %j',
    async (names) => {
      expect((await groupsOf(['B'], () => ({ names }))).found).toBeInstanceOf(OktaFailure)
    },
  )
})
