import { hostFacts } from './measure/host.ts';
import { overheadFigures } from './overhead/figures.ts';
import { measureOverhead } from './overhead/run.ts';
import { fullPlan, handicapped, shortPlan, steadyPlan } from './overhead/scenario.ts';
import { costTable, phaseTable, punctualityTable, startTable } from './overhead/tables.ts';
import { runBench } from './report/command.ts';

// npm run bench:overhead: the whole product as a process, rate by rate, beside a loop in Python that reads the same.

await runBench(async ({ short, steady, only, rounds, handicapUs }) => {
  const host = hostFacts();
  const plan = short ? shortPlan(rounds) : steady ? steadyPlan() : fullPlan(only, rounds);
  const result = await measureOverhead(handicapUs === undefined ? plan : handicapped(plan, handicapUs));
  return {
    bench: 'overhead',
    short,
    host,
    figures: overheadFigures(result),
    result,
    tables: steady
      ? [phaseTable(result), startTable(result)]
      : [costTable(result), punctualityTable(result), phaseTable(result), startTable(result)].filter(Boolean),
  };
});
