/** For example "1 Mar 2026, 23:05 UTC". `Intl` takes four times as long. */
export function inUtc(date: Date): string {
  const [, day, month, year, time = ''] = date.toUTCString().split(' ') // Sun, 01 Mar 2026 23:05:00 GMT
  return `${Number(day)} ${month} ${year}, ${time.slice(0, 5)} UTC`
}
