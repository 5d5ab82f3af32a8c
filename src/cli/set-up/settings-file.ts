/** The last step of a set-up: the settings in the `.env` file. */
import { settingsIn } from '../../config.js'
import { SETTINGS } from '../../settings.js'
import { type Changes, readText, withChanges, writeText } from './env-file.js'
import type { Step } from './step.js'
import type { Talk } from './talk.js'

/**
 * Writes the settings that differ. A setting that has another value now is replaced only if somebody says yes.
 * @param options.token the API token of this run; it may be taken out of the file without a question
 */
export async function saveSettings(
  file: string,
  wanted: Changes,
  options: { dryRun: boolean; force: boolean; token: string },
  talk: Talk,
): Promise<Step> {
  const text = readText(file)
  const settings = settingsIn(text)
  const differing = Object.keys(wanted).filter((name) => wanted[name] !== settings[name])
  if (differing.length === 0) return { step: 'env', action: 'unchanged', detail: file }
  if (options.dryRun) return { step: 'env', action: 'planned', detail: `${file}: ${differing.join(', ')}` }
  const isUsedUp = (name: string) =>
    name === 'OKTA_AUTH_TOKEN' && wanted[name] === undefined && settings[name] === options.token
  const replaced = differing.filter((name) => settings[name] !== undefined && !isUsedUp(name))
  for (const name of replaced) talk.print(`${name}: ${shown(name, settings)} becomes ${shown(name, wanted)}`)
  const mayReplace =
    options.force || replaced.length === 0 || (await talk.confirm(`Replace them in ${file}?`))
  const kept = mayReplace ? [] : replaced
  const changes = differing.filter((name) => !kept.includes(name)).map((name) => [name, wanted[name]])
  writeText(file, withChanges(text, Object.fromEntries(changes)))
  const detail = kept.length > 0 ? `${file}; --force replaces ${kept.join(', ')}` : file
  return { step: 'env', action: text === '' ? 'created' : 'updated', detail }
}

function shown(name: string, values: Changes): string {
  const { secret = true } = Object.values(SETTINGS).find((setting) => setting.name === name) ?? {}
  return values[name] === undefined ? 'nothing' : secret ? '(a secret)' : values[name]
}
