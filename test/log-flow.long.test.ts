/** The log of a real process, when nobody takes what it writes for a while. */
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { MAIN, startAppProcess } from './support/app-process.js'
import { environmentFor, type Lair, startLair } from './support/lair.js'
import { freePort, type Run, run } from './support/process.js'
import { Visitor } from './support/visitor.js'

let lair: Lair
beforeAll(async () => {
  lair = await startLair()
})
afterAll(() => lair.close())

const FLOOD = 400
const LOST = /"msg":"lines of this log were lost"}\n/
const AUDIT = ['signed in', 'signed out', 'sign-in failed']
const HALF_A_MEGABYTE = 2 ** 19
/** What the pipe holds, and Node at its other end. */
const ON_THE_WAY = 3 * 2 ** 16

interface Line {
  level: string
  msg: string
  lostLines?: number
}

/** Each of the lines is whole. */
const linesOf = (output: string): Line[] =>
  output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

const printed = ({ output }: Run, what: RegExp) => vi.waitFor(() => expect(output()).toMatch(what), 15_000)

const isOrdinary = ({ level, msg }: Line) => level === 'info' && msg.startsWith('answered')

/** More than a megabyte of lines about pages that are not there, and in their midst somebody signs in and out. */
async function floodAndSignIn(visitor: Visitor): Promise<void> {
  lair.okta.register(visitor.home)
  const flood = async () => {
    for (let index = 0; index < FLOOD / 2; index++)
      expect((await visitor.ask(`/nowhere/${'there/'.repeat(350)}`)).status).toBe(404)
  }
  await Promise.all([flood(), flood()])
  expect((await visitor.signIn('lion-o@thundera.example')).status).toBe(200)
  await visitor.ask('/logout')
  await new Visitor(visitor.home).signIn('mumm-ra@thirdearth.example')
  await Promise.all([flood(), flood()])
}

/** A sign-in that failed has an ordinary line too, about the answer. */
function expectNothingUntold(lines: Line[]): void {
  const reports = lines.filter(({ lostLines }) => lostLines)
  expect(reports).toEqual([
    {
      level: 'warn',
      time: expect.stringMatching(/Z$/),
      lostLines: expect.any(Number),
      msg: 'lines of this log were lost',
    },
  ])
  const kept = lines.filter(isOrdinary).length
  expect(kept).toBeGreaterThan(200)
  expect(kept + Number(reports[0]?.lostLines)).toBe(2 * FLOOD + 1)
  expect(lines.map(({ msg }) => msg).filter((msg) => AUDIT.includes(msg))).toEqual(AUDIT)
}

describe('[125] a log with more than a megabyte to write', () => {
  it('goes on by itself when its reader does, with a line about the lost ones and all about signing in', async (test) => {
    const { app, visitor } = await startAppProcess(MAIN, { okta: lair.okta, test })
    app.child.stdout?.pause()
    await floodAndSignIn(visitor)
    expect(app.output()).not.toMatch(/signed in/)
    app.child.stdout?.resume()
    await printed(app, LOST)
    expectNothingUntold(linesOf(app.output()))
    await visitor.ask('/nowhere/after')
    await printed(app, /nowhere\/after.*\n/)
    expectNothingUntold(linesOf(app.output()).slice(0, -1))
  })

  it('goes on by itself when a full disk has room again, as often as that happens', async (test) => {
    const folder = mkdtempSync(join(tmpdir(), 'lair-log-'))
    test.onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'log')
    // The shell's limit for files stands for the end of the disk: writing fails in the midst of a line.
    const command = `ulimit -f 200 && exec node ${MAIN} >> ${file}`
    const port = String(await freePort())
    const app = run('sh', ['-c', command], { ...environmentFor(lair.okta), PORT: port })
    test.onTestFinished(() => void app.child.kill('SIGKILL'))
    const visitor = new Visitor(`http://localhost:${port}`)
    await vi.waitFor(() => visitor.ask('/healthz'), 15_000)
    await floodAndSignIn(visitor)
    const full = statSync(file).size
    let before = ''
    const log = await vi.waitFor(() => {
      const now = readFileSync(file, 'utf8')
      const all = before + now
      if (Buffer.byteLength(now) === full) {
        before = all
        truncateSync(file)
      }
      expect(all).toMatch(LOST)
      return all
    }, 20_000)
    expectNothingUntold(linesOf(log))
  })
})

describe('lines that wait', () => {
  it('take half a megabyte if anybody can cause them, and a megabyte with all others', async () => {
    const COUNT = 20_000
    const script = `
      import { createLog } from './src/log.ts'
      const log = createLog({ logLevel: 'info' })
      for (let index = 0; index < ${COUNT}; index++) log.info({ path: '/nowhere' }, 'answered 404')
      for (let index = 0; index < ${COUNT}; index++) log[index % 2 ? 'info' : 'error']({ index }, index % 2 ? 'signed in' : 'answered 500')
      console.error('{"msg":"all said"}')
      setInterval(() => undefined, 1000)`
    const process = run('node', ['--import', 'tsx', '--input-type=module', '-e', script])
    onTestFinished(() => void process.child.kill('SIGKILL'))
    process.child.stdout?.pause()
    await printed(process, /all said/)
    process.child.stdout?.resume()
    await printed(process, LOST)
    const lines = linesOf(process.output())
    const size = (some: Line[]) => some.map((line) => JSON.stringify(line)).join('\n').length
    const [ordinary, others] = [lines.filter(isOrdinary), lines.filter((line) => !isOrdinary(line))]
    for (const part of [ordinary, others]) {
      expect(size(part)).toBeGreaterThan(HALF_A_MEGABYTE - ON_THE_WAY)
      expect(size(part)).toBeLessThan(HALF_A_MEGABYTE + ON_THE_WAY)
    }
    const lost = lines.find(({ lostLines }) => lostLines)?.lostLines
    expect(lost).toBe(2 * COUNT + 2 - lines.length) // two more: the script's own, and the one about the lost ones
  })
})
