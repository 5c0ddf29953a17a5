/** The part of vitest's JSON report that counting needs. */
interface Report {
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/**
 * Counts the tests of several runs. What did not come to run its tests is one failure: a file that broke before the
 * first of them, a run that left no report.
 */
export const tally = (reports: readonly (Report | undefined)[]): { passed: number; failed: number } => {
  let passed = 0
  let failed = 0
  for (const report of reports) {
    if (!report) failed++
    for (const { status, assertionResults } of report?.testResults ?? []) {
      const lost = assertionResults.filter((each) => each.status === 'failed').length
      passed += assertionResults.filter((each) => each.status === 'passed').length
      failed += lost === 0 && status === 'failed' ? 1 : lost
    }
  }
  return { passed, failed }
}
