import { readFileSync } from 'node:fs';
import { expect, type Page, test } from '@playwright/test';

const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

const options = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  rules: { 'duplicate-id': { enabled: true } },
  resultTypes: ['violations'],
};

interface Violation {
  id: string;
  help: string;
  nodes: { html: string; failureSummary?: string }[];
}

/**
 * Fails when axe-core finds anything on the page as it is now.
 * Without JavaScript axe cannot run in the page: the same HTML is checked in a twin that has it, with
 * the page's scripts taken out.
 */
export async function expectAccessible(page: Page): Promise<void> {
  // What is under the mouse looks different: nothing is.
  await page.mouse.move(0, 0);
  await quiet(page);
  const violations = test.info().project.use.javaScriptEnabled === false ? await checkTwin(page) : await check(page);
  const report = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map((node) => `  ${node.html}\n    ${node.failureSummary ?? ''}`).join('\n')}`,
  );
  expect(report, `accessibility of ${page.url()}`).toEqual([]);
}

/**
 * Waits until nothing has moved for a while: what a newer answer is awaited for is dimmed, and comes back to its
 * colours slowly; and a list that is searched asks once more a moment after the last key.
 */
async function quiet(page: Page): Promise<void> {
  if (test.info().project.use.javaScriptEnabled === false) {
    return;
  }
  const still = () =>
    document.querySelector('[aria-busy=true]') === null &&
    document.getAnimations().every((animation) => animation.playState !== 'running');
  let since = Date.now();
  const patience = Date.now() + 10_000;
  while (Date.now() - since < 600 && Date.now() < patience) {
    if (!(await page.evaluate(still))) {
      since = Date.now();
    }
    await page.waitForTimeout(50);
  }
}

async function check(page: Page): Promise<Violation[]> {
  await page.evaluate(source);
  return page.evaluate(async (given) => {
    const axe = (globalThis as unknown as { axe: { run(o: unknown): Promise<{ violations: Violation[] }> } }).axe;
    const { violations } = await axe.run(given);
    return violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(({ html, failureSummary }) => ({ html, failureSummary })),
    }));
  }, options);
}

async function checkTwin(page: Page): Promise<Violation[]> {
  const browser = page.context().browser();
  if (!browser) {
    throw new Error('the page has no browser');
  }
  const html = (await page.content()).replace(/<script\b[^>]*>[\s\S]*?<\/script>/gi, '');
  const address = page.url();
  const twin = await browser.newPage({ javaScriptEnabled: true, viewport: page.viewportSize() });
  try {
    await twin.route(
      (url) => url.href === address,
      (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: html }),
    );
    await twin.goto(address);
    return await check(twin);
  } finally {
    await twin.close();
  }
}
