/** Whoever imports this module has JSONata at hand: those who judge tables, and tests. An isolate does when it must. */
import jsonata from 'jsonata'
import { holdLibrary } from './library.ts'

holdLibrary(jsonata)
