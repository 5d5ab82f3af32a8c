/** Preloaded into every contestant (`--import`): tells whoever forked it what the process has used, by its own accounting. */
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc')

process.on('message', async (question) => {
  if (question?.usage === undefined) return
  if (question.usage === 'after garbage') {
    collectGarbage()
    await pause(1000) // V8 gives memory back to the system some time after it is free
    collectGarbage()
  }
  const { user, system } = process.cpuUsage() // of all threads: garbage collection and WebCrypto's too
  const { rss, heapUsed, external } = process.memoryUsage()
  const mostRssBytes = process.resourceUsage().maxRSS * 1024
  process.send({
    answer: { cpuMicros: user + system, rssBytes: rss, mostRssBytes, heapBytes: heapUsed + external },
  })
})
process.once('disconnect', () => process.exit(0)) // whoever started it is gone
