// A collector's thread that does what its name tells it to, for tests of the side that keeps threads alive.
export default async function scripted({ port, control, options }) {
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
    case 'reject late':
      setImmediate(() => Promise.reject(new Error('nobody looks')));
      return;
    case 'obey':
      Atomics.wait(new Int32Array(control), 0, 0);
      port.close();
  }
}
