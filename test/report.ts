/**
 * Prints the last line of a test run, `tests: N passed, N failed, N skipped`, from the runner's own report.
 * The status is 1 on any failure, and where there is no report: a run that broke off has not passed.
 */
import { readFileSync } from 'node:fs'

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly success: boolean
}

const report = readReport(process.argv[2] ?? 'test-report.json')
const { numPassedTests: passed, numFailedTests, numPendingTests, numTodoTests } = report
// A file that does not load has no tests to count; it is one failure.
const failed = numFailedTests === 0 && !report.success ? 1 : numFailedTests
const skipped = numPendingTests + numTodoTests
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed > 0 || passed === 0 ? 1 : 0)

function readReport(path: string): Report {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    const none = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }
    return { ...none, success: false }
  }
}
