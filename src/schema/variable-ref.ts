/** Marks a `{ "var": "NAME" }` in a parsed table until compile puts the variable's value in its place. */
export class VariableRef {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}
