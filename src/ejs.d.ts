declare module 'ejs' {
  const ejs: {
    renderFile(
      file: string,
      data: object,
      options: { root: string; cache: boolean },
      done: (error: unknown, html?: string) => void,
    ): void
  }
  export default ejs
}
