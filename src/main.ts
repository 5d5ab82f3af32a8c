/** npm start: the app. */
import './forget-debug.js' // first: before any library is imported
import { run } from './process.js'

await run()
