/**
 * npm run measure:redis [-- --marks 100000]: what REDIS_URL costs on this machine. Starts a redis-server, the app as three
 * processes, and the local Okta. Prints sizes and times.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createLog } from '../src/log.js'
import { createRedis, type Redis } from '../src/redis/redis.js'
import { createSharedMarks } from '../src/redis/shared-marks.js'
import { startInstanceProcesses, trials } from '../test/support/instance-processes.js'
import { endRuns } from '../test/support/process.js'
import { startRedis } from '../test/support/redis-server.js'
import { askForAll } from '../test/support/sessions.js'

const { values } = parseArgs({ options: { marks: { type: 'string', default: '100000' } } })
const count = Number(values.marks)
const print = (line: string) => void process.stdout.write(`${line}\n`)
const redis = await startRedis()
process.once('exit', () => {
  void redis.stop()
  endRuns()
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

/** The shared marks of one instance, in this process. */
async function instance() {
  const log = createLog({ logLevel: 'silent' })
  const marks = createSharedMarks({ key: 'ended', maxSeconds: 43_200, log, redis: () => connection })
  const connection: Redis = createRedis({ url: redis.url, namespace: 'measure:', log, ...marks })
  while (!connection.works()) await pause(1)
  return { marks, connection }
}

async function redisBytes(): Promise<number> {
  return Number(/used_memory:(\d+)/.exec(String(await redis.ask(['INFO', 'memory'])))?.[1])
}

function heapBytes(): number {
  for (let turn = 0; turn < 3; turn++) globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

print(`Node ${process.version}, ${count.toLocaleString('en')} marks of as many people`)
const emptyBytes = await redisBytes()
const writer = await instance()
for (let n = 0; n < count; n++) {
  const id = `${n}`.padStart(22, 'x')
  writer.marks.endedSessions.end({
    id,
    startedAt: Date.now(),
    person: { subject: `00u${`${n}`.padStart(17, '0')}` },
  })
}
while (writer.marks.unshared() > 0) await pause(10)
writer.connection.close()
print(`Redis: ${Math.round(((await redisBytes()) - emptyBytes) / count)} bytes a mark`)
await pause(100)
const heapBefore = heapBytes()
const begun = performance.now()
const reader = await instance()
print(`an instance that starts has read them after ${Math.round(performance.now() - begun)} ms`)
print(`an instance: ${Math.round((heapBytes() - heapBefore) / count)} bytes a mark`)
reader.connection.close()
await redis.ask(['FLUSHALL'])

const instances = await startInstanceProcesses(3, { REDIS_URL: redis.url })
const times = await trials(instances, 300)
const at = (share: number) => times[Math.floor(times.length * share)]?.toFixed(0)
print(
  `300 sign-outs, answered and refused by three instances: ${at(0.5)} ms (median), ${at(0.99)} ms (99 of 100)`,
)
const record = ((await redis.ask(['KEYS', '*:user:*'])) as string[])[0]
print(`Redis: ${await redis.ask(['MEMORY', 'USAGE', String(record)])} bytes a user record`)

const alone = await startInstanceProcesses(1)
const cpu: Record<string, number[]> = { with: [], without: [] }
for (let round = 0; round < 5; round++) {
  for (const [name, processes] of [
    ['with', instances],
    ['without', alone],
  ] as const) {
    const visitor = processes.visitor()
    const [first] = processes.all
    const reach = String(first?.reach)
    const signedIn = visitor.copy(reach)
    await signedIn.signIn('lion-o@thundera.example')
    const cookie = [...signedIn.cookies].map(([key, value]) => `${key}=${value}`).join('; ')
    await askForAll({ reach }, '/lair', Array(2000).fill(cookie), 20)
    const before = ticks(first?.app.child.pid)
    await askForAll({ reach }, '/lair', Array(10_000).fill(cookie), 20)
    cpu[name]?.push(ticks(first?.app.child.pid) - before)
  }
}
const median = (list: number[] = []) => Number([...list].sort((a, b) => a - b)[list.length >> 1])
print(
  `CPU of 10,000 signed-in pages, with REDIS_URL against without: ${(median(cpu.with) / median(cpu.without)).toFixed(2)} times (median of 5, in turn)`,
)
await alone.close()
await instances.close()
await redis.close()

/** The CPU time that a process has used, in hundredths of a second. */
function ticks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return Number(fields[11]) + Number(fields[12])
}
