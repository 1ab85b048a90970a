import { fanoutFigures, fanoutTable } from './fanout/report.ts';
import { type FanoutPlan, measureFanout } from './fanout/run.ts';
import { hostFacts } from './measure/host.ts';
import { runBench } from './report/command.ts';

// npm run bench:fanout: what each further client costs the server, beside `ws` and JSON.

const FULL: FanoutPlan = { clients: [1, 100, 1_000], windowSeconds: 20, settleSeconds: 3, warmUpSeconds: 20 };
const SHORT: FanoutPlan = { clients: [1_000], windowSeconds: 2, settleSeconds: 0.5, warmUpSeconds: 2 };

await runBench(async ({ short, only }) => {
  const host = hostFacts();
  const plan = short ? SHORT : FULL;
  const rows = await measureFanout(only === undefined ? plan : { ...plan, clients: only });
  return {
    bench: 'fanout',
    short,
    host,
    figures: fanoutFigures(rows),
    result: rows,
    tables: [fanoutTable(rows)],
  };
});
