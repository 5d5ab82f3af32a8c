/** Reads JSON that somebody else has sent. */
export type Json = Record<string, unknown>

/** An object; an empty one if it is anything else. */
export function objectIn(value: unknown): Json {
  return isObject(value) ? value : {}
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textsIn(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== ''
}
