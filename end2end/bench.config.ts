import { defineConfig } from '@playwright/test';
import tests from './playwright.config';

/** `cargo xtask bench`: what is measured in a browser. One at a time, so that nothing disturbs it. */
export default defineConfig({
  ...tests,
  testDir: 'bench',
  testMatch: '*.bench.ts',
  workers: 1,
  reporter: 'list',
  use: { ...tests.use, trace: 'off' },
  projects: [{ name: 'wasm' }],
});
