import { errorCode, errorMessage } from '../src/base/errors.ts';
import type { ModuleAnswer, ModuleQuestion } from '../src/handover/messages.ts';
import { loadCollector } from './custom/load_module.ts';

// A disposable process that finds out what a user's module calls its collector, before anything depends on it.

process.once('message', ({ url, options }: ModuleQuestion) => {
  const answer = (value: ModuleAnswer): void => {
    process.send?.(value, () => process.exit());
  };
  loadCollector(url, options).then(
    (collector) => {
      const { name } = collector;
      try {
        collector.close?.();
      } catch {
        // Whether it closes well does not matter to whether it can be used.
      }
      answer({ ok: true, name });
    },
    (error: unknown) =>
      answer({ ok: false, code: errorCode(error, 'COLLECTOR_BAD_MODULE'), message: errorMessage(error) }),
  );
});
process.on('disconnect', () => process.exit());
