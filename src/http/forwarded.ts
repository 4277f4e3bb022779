export { isStrippedInbound } from './stripped.ts'
