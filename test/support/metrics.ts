/** Reads the metrics as Prometheus does. */
import { freePort } from './process.js'

export interface Exposed {
  text: string
  /** The value of a series, such as `lair_sign_ins_total{outcome="ok"}`; `undefined` if there is none. */
  value(series: string): number | undefined
  /** The series of this app, without their values. */
  series: string[]
  /** The metrics: their types, and the labels that their series have. */
  metrics: Map<string, { type: string; labels: string[] }>
}

export function parse(text: string): Exposed {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(line.split(' ').at(-1))]))
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)]
  const metrics = types.map(([, name = '', type = '']) => {
    const own = [...values.keys()].filter((series) => baseName(series.replace(/\{.*/, ''), type) === name)
    const labels = own.flatMap((series) => [...series.matchAll(/(\w+)="/g)].map(([, label]) => String(label)))
    return [name, { type, labels: [...new Set(labels)].filter((label) => label !== 'le') }] as const
  })
  return {
    text,
    value: (series) => values.get(series),
    series: [...values.keys()].filter((series) => series.startsWith('lair_')),
    metrics: new Map(metrics),
  }
}

function baseName(name: string, type: string): string {
  return type === 'histogram' ? name.replace(/_(bucket|sum|count)$/, '') : name
}

/** A free port for the metrics, as a setting; and what is read there. */
export async function metricsPort() {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const read = async () => parse(await (await fetch(`${url}/metrics`)).text())
  return { port, url, env: { METRICS_PORT: String(port) }, read }
}
