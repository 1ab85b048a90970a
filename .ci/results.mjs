// What the test runner's reports say: `failed REPORT` prints the files with a failure, `sum DIR` the last lines.
import { readdirSync, readFileSync } from 'node:fs';

const [task, path] = process.argv.slice(2);

/** Of one report: how many of each file passed, and the names of those that did not. */
function filesOf(report) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults.map(({ name, status, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed').map((test) => test.fullName);
    // A file that could not even be loaded has no failed test of its own.
    if (status === 'failed' && failed.length === 0) failed.push('(the file itself)');
    return { name, passed: assertionResults.filter((test) => test.status === 'passed').length, failed };
  });
}

function sum(directory) {
  let allPassed = 0;
  let allFailed = 0;
  for (const entry of readdirSync(directory).sort()) {
    if (entry.endsWith(' (again).json')) continue;
    const name = entry.replace(/\.json$/, '');
    const again = new Map();
    try {
      for (const file of filesOf(`${directory}/${name} (again).json`)) again.set(file.name, file);
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    let passed = 0;
    let failed = 0;
    for (const file of filesOf(`${directory}/${entry}`)) {
      const counted = again.get(file.name) ?? file;
      passed += counted.passed;
      failed += counted.failed.length;
      const where = `${name}, ${file.name.replace(`${process.cwd()}/`, '')}`;
      for (const test of file.failed) {
        const told = counted.failed.includes(test) ? 'FAILED' : 'PASSED ONLY WHEN RUN AGAIN ALONE';
        console.log(`${told}: ${where}: ${test}`);
      }
    }
    console.log(`${name}: ${passed} passed, ${failed} failed`);
    allPassed += passed;
    allFailed += failed;
  }
  console.log(`\n${allPassed} passed, ${allFailed} failed`);
}

if (task === 'failed') {
  for (const file of filesOf(path)) if (file.failed.length > 0) console.log(file.name);
} else {
  sum(path);
}
