/** Tests do not reach giphy.com. A page of ours stands in for the GIF. */
import type { BrowserContext, Frame, Page } from 'playwright-core'

const STILL = `<!doctype html><title>Stand-in for the GIF</title>
<body style="margin:0;display:grid;place-items:center;height:100vh;background:#2b1c24;color:#f2a71b;font:20px Georgia,serif">
The GIF plays here</body>`

export async function standInForGiphy(context: BrowserContext): Promise<void> {
  await context.route('https://giphy.com/**', (route) =>
    route.fulfill({ contentType: 'text/html', body: STILL }),
  )
}

/** GIPHY's frame in the lair. It is an <object> in a frame of ours, and `undefined` where GIPHY cannot be reached. */
export function gifIn(page: Page): Frame | undefined {
  return page.frames().find((frame) => frame.url() === 'https://giphy.com/embed/ahXtBEbHiraxO')
}
