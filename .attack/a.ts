import { createServer } from 'node:net'
import { createServer as http } from 'node:http'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createLog } from '../src/log.js'
import { createRedis } from '../src/redis/redis.js'
import { createSharedMarks } from '../src/redis/shared-marks.js'
process.on('uncaughtException', (e) => console.log('UNCAUGHT', e))
process.on('unhandledRejection', (e) => console.log('UNHANDLED', e))
const bodies: Record<string, string> = {
  garbage: 'HELLO THERE\r\n', http: 'HTTP/1.1 400 Bad Request\r\n\r\n', neg: '$-5\r\n', bigarray: '*99999999\r\n', hugebulk: '$999999999999\r\n', nan: ':abc\r\n', unsolicited: '+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n', push: '>2\r\n+a\r\n+b\r\n', err: '-\r\n', nil: '*-1\r\n', map: '%1\r\n+a\r\n+b\r\n', xread: '*1\r\n*2\r\n+k\r\n*1\r\n+x\r\n', empty: '\r\n\r\n', moved: '-MOVED 1 1.2.3.4:6379\r\n',
}
for (const [name, body] of Object.entries(bodies)) {
  const s = createServer((c) => { c.on('error', () => 0); c.on('data', () => c.write(body)) }).listen(0, '127.0.0.1')
  await once(s, 'listening')
  const lines: string[] = []
  const log = createLog({ logLevel: 'info' }, { write: (l: string) => void lines.push(l) } as never)
  const marks = createSharedMarks({ key: 'k', maxSeconds: 3600, log, redis: () => redis })
  const redis = createRedis({ url: `redis://127.0.0.1:${(s.address() as any).port}`, namespace: 'k:', log, ...marks })
  await pause(3500)
  marks.endedSessions.end({ id: 'a'.repeat(22), startedAt: Date.now(), person: { subject: 'x' } })
  const t = performance.now()
  const r = await marks.endedSessions.shared().then(() => 'shared', (e) => e.kind)
  console.log(name, '->', r, Math.round(performance.now() - t), 'ms, now off', redis.now() - Date.now(), 'works', redis.works(), lines.map((l) => { const o = JSON.parse(l); return `${o.msg} ${o.err?.cause?.message ?? o.err?.message}` }))
  redis.close(); s.close()
}
process.exit()
