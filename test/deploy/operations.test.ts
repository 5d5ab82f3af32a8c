import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SETTINGS } from '../../src/settings.js'
import { ROOT } from '../support/process.js'

const read = (file: string) => readFileSync(join(ROOT, file), 'utf8')
const DOC = 'docs/operations.md'
const FILES = [
  DOC,
  'Dockerfile',
  'compose.yaml',
  ...readdirSync(join(ROOT, 'deploy')).map((name) => `deploy/${name}`),
]

/** Names in these files that look like settings of the app, and are kinds of sockets. */
const OTHERS = /^AF_/

describe(DOC, () => {
  it('ships what `npm run smoke` installs, and the image has the same', () => {
    const [, list = ''] = /const SHIPPED = \[(.*)\]/.exec(read('scripts/smoke.ts')) ?? []
    const shipped = list.split(', ').map((name) => name.replaceAll("'", ''))
    const [, copied = ''] = /cp -r (.*) ship/.exec(read(DOC)) ?? []
    expect(copied.split(' ').sort()).toEqual([...shipped].sort())
    const [, lastStage = ''] =
      read('Dockerfile')
        .split(/^FROM .* AS build$/m)[1]
        ?.split(/^FROM /m) ?? []
    const words = [...lastStage.matchAll(/^COPY (.*)$/gm)].flatMap(([, names = '']) => names.split(' '))
    expect(shipped.filter((name) => !words.includes(name))).toEqual([])
  })

  it('and the files for it name settings that exist, and link to files that exist', () => {
    const settings = Object.values(SETTINGS).map(({ name }) => name)
    for (const file of FILES) {
      const names = read(file).match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []
      expect([file, names.filter((name) => !settings.includes(name) && !OTHERS.test(name))]).toEqual([
        file,
        [],
      ])
    }
    const links = [...read(DOC).matchAll(/\]\(([^)#]+)\)/g)].map(([, link]) => String(link))
    expect(links.filter((link) => !existsSync(join(ROOT, dirname(DOC), link)))).toEqual([])
    expect(read('README.md')).toContain(`](${DOC})`)
  })

  it('gives the app longer to stop than it takes', () => {
    const times = [
      /TimeoutStopSec=(\d+)/.exec(read('deploy/lair@.service')),
      /stop_grace_period: (\d+)s/.exec(read('compose.yaml')),
      /--stop-timeout (\d+)/.exec(read(DOC)),
    ]
    for (const time of times) expect(Number(time?.[1])).toBeGreaterThan(12)
  })
})
