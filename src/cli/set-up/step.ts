/** What a set-up is to reach, and what each of its steps reports. */
export interface Wishes {
  orgUrl: string
  baseUrl: string
  /** The label of the app integration, and of its access policy. The service app has the same label, and ` API`. */
  label: string
  /** The name of the group whose members may sign in. */
  group: string
  /** Whether to make a service app that reads users. */
  withServiceApp: boolean
  /** The settings of today, by name. */
  settings: Readonly<Record<string, string | undefined>>
}

export interface Step {
  step: 'app' | 'group' | 'access-policy' | 'service-app' | 'env'
  action: 'created' | 'updated' | 'unchanged' | 'removed' | 'planned' | 'skipped'
  id?: string
  detail?: string
}

export type Report = (step: Step) => void

/** What stands in the way. `message` and `remedy` are for the developer. */
export class SetUpProblem extends Error {
  override name = 'SetUpProblem'
  readonly code: string
  readonly remedy: string

  constructor(code: string, message: string, remedy: string) {
    super(message)
    this.code = code
    this.remedy = remedy
  }
}
