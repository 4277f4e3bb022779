/** Finds what a misspelled name was meant to be: lives beside the schema atoms, since templates ask it too. */
export { nearest, suggestion } from '../schema/nearest.ts'
