// A collector's thread that does what its name tells it to, for tests of the side that keeps threads alive.
const result = (tick) => ({
  tick,
  startedNs: 0,
  durationNs: 0,
  missedTicks: 0,
  outcome: { state: 'warming_up' },
});

export default async function scripted({ port, schedule, control, options }) {
  port.postMessage({ type: 'results', epoch: schedule.epoch, results: [result(1)] });
  switch (options.rootfs) {
    case 'exit':
      process.exit(3);
      break;
    case 'throw':
      throw new Error('the source burst');
    case 'out of memory': {
      const hoard = [];
      for (;;) hoard.push(new Array(10_000).fill(Math.random()));
    }
    case 'hang':
      for (;;);
    case 'obey':
      Atomics.wait(new Int32Array(control), 0, 0);
      port.close();
  }
}
