import { setTimeout as pause } from 'node:timers/promises'
import { createLog } from '../src/log.js'
import { createRedis } from '../src/redis/redis.js'
import { createSharedMarks } from '../src/redis/shared-marks.js'
import { startRedis } from '../test/support/redis-server.js'
process.on('uncaughtException', (e) => console.log('UNCAUGHT', e))
process.on('unhandledRejection', (e) => console.log('UNHANDLED', e))
const server = await startRedis()
const session = (n: number, subject = `p${n % 7}`) => ({ id: String(n).padStart(22, '0'), startedAt: Date.now() - 1000, person: { subject } })
function inst(key: string, url = server.url, maxMarks = 100000) {
  const lines: any[] = []
  const log = createLog({ logLevel: 'info' }, { write: (l: string) => void lines.push(JSON.parse(l)) } as never)
  const marks = createSharedMarks({ key, maxSeconds: 3600, maxMarks, log, redis: () => redis })
  const redis = createRedis({ url, namespace: `${key}:`, log, ...marks })
  return { marks, redis, lines, told: () => lines.map((o) => `${o.msg} ${o.err?.message ?? ''}`) }
}
const works = async (i: any, ms = 12000) => { const t = performance.now(); while (!i.redis.works()) { if (performance.now() - t > ms) return 'NEVER'; await pause(20) } return Math.round(performance.now() - t) }
const shares = async (i: any, n: number, key: string, tries = 5) => { i.marks.endedSessions.end(session(n)); let r; for (let k = 0; k < tries; k++) { r = await i.marks.endedSessions.shared().then(() => 'shared', (e: any) => e.kind); if (r === 'shared') return r; await pause(1000) } return r }
const which = process.argv[2]
const rss = () => Math.round(process.memoryUsage().rss / 1e6)
if (which === 'exhausted') {
  await server.ask(['XADD', 'k', '18446744073709551615-18446744073709551615', 'mark', 'x'])
  const i = inst('k'); console.log('works', await works(i)); console.log(await shares(i, 1, 'k')); await pause(3000); console.log(i.told(), await server.ask(['XLEN', 'k']))
  i.redis.close()
  await server.ask(['DEL','k2']); await server.ask(['XADD', 'k2', '18446744073709551615-1', 'mark', 'x'])
  const j = inst('k2', undefined, 50); console.log('works', await works(j)); for (let n = 0; n < 300; n++) j.marks.endedSessions.end(session(n)); console.log(await shares(j, 999, 'k2')); await pause(5000); console.log(j.told(), await server.ask(['XLEN', 'k2']))
}
if (which === 'huge') {
  for (const mb of [50, 300]) {
    const i = inst(`h${mb}`); await works(i)
    await server.ask(['EVAL', `redis.call('XADD', KEYS[1], '*', 'mark', string.rep('x', ${mb} * 1000000))`, '1', `h${mb}`])
    await pause(3000); console.log(mb, 'rss', rss(), 'works', i.redis.works(), await shares(i, 1, 'h'), i.told())
    i.redis.close()
    const j = inst(`h${mb}`); console.log('fresh works', await works(j), j.marks.endedSessions.has(session(1)), 'rss', rss()); j.redis.close()
  }
  // many
  await server.ask(['EVAL', `for n = 1, 100 do redis.call('XADD', KEYS[1], '*', 'mark', string.rep('x', 10000000)) end`, '1', 'many'])
  const j = inst('many'); console.log('many works', await works(j, 30000), 'rss', rss(), j.told()); j.redis.close()
}
if (which === 'fields') {
  await server.ask(['EVAL', `local a = {} for n = 1, 3000 do a[n] = 'f' .. n end a[3001]='mark' a[3002]='x' for n=1,2000 do redis.call('XADD', KEYS[1], '*', unpack(a)) end`, '1', 'fields'])
  const j = inst('fields'); console.log('works', await works(j, 30000), 'rss', rss(), j.told()); j.redis.close()
}
if (which === 'flood') {
  for (let k = 0; k < 20; k++) await server.ask(['EVAL', `for n = 1, 100000 do redis.call('XADD', KEYS[1], '*', 'a', 'b') end`, '1', 'flood'])
  const j = inst('flood'); console.log('works', await works(j, 40000), 'rss', rss(), j.told(), await server.ask(['XLEN', 'flood']), await shares(j, 5, 'flood')); await pause(3000); console.log(await server.ask(['XLEN', 'flood']), j.told()); j.redis.close()
}
if (which === 'full') {
  const i = inst('full', undefined, 1000); await works(i)
  for (let n = 0; n < 5000; n++) await server.ask(['XADD', 'full', '*', 'mark', `${Date.now() + 3e6} ${session(n).id} p${n}`]).catch(() => 0), n += 0
  await server.ask(['CONFIG', 'SET', 'maxmemory', '1'])
  await pause(1500)
  const c0 = process.cpuUsage(); await pause(5000); const c = process.cpuUsage(c0)
  console.log('cpu ms in 5 s', (c.user + c.system) / 1000, i.told(), i.redis.works(), await server.ask(['XLEN', 'full']))
  await server.ask(['CONFIG', 'SET', 'maxmemory', '0']); await pause(4000); console.log(i.told(), await server.ask(['XLEN', 'full'])); i.redis.close()
}
if (which === 'lease') {
  await server.ask(['SET', 'l-shortened', 'x'])
  const i = inst('l', undefined, 1000); await works(i)
  for (let n = 0; n < 5000; n++) i.marks.endedSessions.end(session(n)), n % 500 === 0 && await i.marks.endedSessions.shared()
  await pause(2000)
  const c0 = process.cpuUsage(); await pause(5000); const c = process.cpuUsage(c0)
  console.log('cpu ms in 5 s', (c.user + c.system) / 1000, i.told(), await server.ask(['XLEN', 'l'])); i.redis.close()
}
if (which === 'acl') {
  for (const without of ['xadd', 'xread', 'xtrim', 'xlen', 'set', 'time', 'get']) {
    await server.ask(['ACL', 'SETUSER', 'cat', 'reset', 'on', '>ho', '~*', '+@all', `-${without}`])
    const i = inst(`acl-${without}`, server.url.replace('://', '://cat:ho@')); console.log(without, 'works', await works(i, 3000), await shares(i, 1, '', 2), i.told()); i.redis.close()
  }
}
if (which === 'types') {
  const i = inst('t'); await works(i)
  await server.ask(['DEL', 't:beat']); await server.ask(['LPUSH', 't:beat', 'x']); await pause(2500); console.log(i.told(), i.redis.works())
  for (const kind of [['LPUSH', 't', 'x'], ['SET', 't', 'x'], ['ZADD', 't', '1', 'x'], ['PFADD', 't', 'a']]) {
    await shares(i, 1, ''); await server.ask(['DEL', 't']); await server.ask(kind); await pause(2500); console.log(kind[0], await server.ask(['TYPE', 't']), i.redis.works()) }
  console.log(i.told()); i.redis.close()
}
await server.close(); process.exit()
