import { defineConfig } from '@playwright/test';

/**
 * Every journey runs twice: with WebAssembly, and with JavaScript switched off.
 * `name.wasm.spec.ts` runs only with it, `name.no-js.spec.ts` only without.
 */
export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker has a server and a browser of its own: two fill two cores.
  workers: 2,
  // Long journeys on a busy machine; a step of its own has its own, shorter time.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  retries: 0,
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list'], ['./support/closing-line.ts']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/London',
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      // The distribution's browser; Playwright's own is not downloaded.
      executablePath: process.env.LANYARD_CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'wasm', testIgnore: '**/*.no-js.spec.ts' },
    { name: 'no-js', testIgnore: '**/*.wasm.spec.ts', use: { javaScriptEnabled: false } },
  ],
});
