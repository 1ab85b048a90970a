import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    env: { TZ: 'UTC' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // End-to-end tests start whole processes; two small cores serve two of them well and four badly.
    maxWorkers: 2,
  },
});
