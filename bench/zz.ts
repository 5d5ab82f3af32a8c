import { readFileSync } from 'node:fs'
import { createWorld, LAIR, type Usage } from './world.js'
const world = await createWorld()
const one = await world.run(LAIR, process.env.EXTRA ? JSON.parse(process.env.EXTRA) : {})
await world.signIn(one, 10)
const rss = () => readFileSync(`/proc/${one.process.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)![1]
console.log('rest', rss())
await world.load({ ports: [one.port], connections: 10, pages: 1000, sessions: one.jars } as never)
const u = async () => { const x = await one.process.ask<Usage>({ usage: 'after garbage' }); return `${(x.rssBytes / 2 ** 20).toFixed(0)} heap ${(x.heapBytes / 2 ** 20).toFixed(0)}` }
console.log('after 1000 pages', await u())
for (const [people, pages] of JSON.parse(process.env.STEPS ?? '[[1,20000],[10000,20000],[10000,40000]]')) {
  const r = await world.load({ ports: [one.port], connections: 10, pages, seconds: 40, sessions: world.mint(one, { people }) } as never)
  console.log(people, 'people', r.pages, 'sessions ->', await u())
}
const sm = readFileSync(`/proc/${one.process.child.pid}/smaps`, 'utf8').split(/\n(?=[0-9a-f]+-)/).map((b) => [b.split('\n')[0], Number(/Rss:\s+(\d+)/.exec(b)?.[1])] as const).sort((a, b) => b[1] - a[1]).slice(0, 14); for (const [h, r] of sm) console.log(r, h)
await world.close(); process.exit(0)
