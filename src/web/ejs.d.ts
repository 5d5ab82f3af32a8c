declare module 'ejs' {
  namespace ejs {
    type Template = (locals: object) => string
  }
  const ejs: {
    compile(template: string, options: { filename: string; compileDebug: boolean }): ejs.Template
  }
  export default ejs
}
