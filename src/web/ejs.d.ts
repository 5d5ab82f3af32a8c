declare module 'ejs' {
  namespace ejs {
    type Template = (locals: object) => string
    interface Options {
      /** For error messages. */
      filename: string
      /** Whether an error quotes the line of the template. */
      compileDebug: boolean
      /** JavaScript's strict mode, which has no `with`: a template finds what it was given in `locals` only. */
      strict: boolean
      /** What it finds by its own name all the same. */
      destructuredLocals: string[]
    }
  }
  const ejs: { compile(template: string, options: ejs.Options): ejs.Template }
  export default ejs
}
