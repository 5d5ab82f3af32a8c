/** Names that look like a misspelt setting. */

/**
 * @param given the names that the environment has
 * @param names the names of the settings. Short ones are left out: HOME and POST would look like HOST and PORT
 */
export function misspeltNames(given: string[], names: string[]): { given: string; meant: string }[] {
  return given.flatMap((one) => {
    const like = (edits: number) =>
      names.find((name) => name.length > 4 && isLike(one.toUpperCase(), name, edits))
    const meant = like(1) ?? like(2) // METRICS_HOT is nearer to METRICS_HOST than to METRICS_PORT
    return meant === undefined || names.includes(one) ? [] : [{ given: one, meant }]
  })
}

function isLike(given: string, name: string, edits: number): boolean {
  return isNear(given, name, edits) || given.replaceAll('_', '') === name.replaceAll('_', '')
}

/** Whether `a` becomes `b` when at most `edits` letters are added, left out or changed. */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b) return true
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)]
  if (a[0] === b[0]) return isNear(restOfA, restOfB, edits)
  const isNearer = (x: string, y: string) => isNear(x, y, edits - 1)
  return edits > 0 && (isNearer(a, restOfB) || isNearer(restOfA, b) || isNearer(restOfA, restOfB))
}
