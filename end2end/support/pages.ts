import { resolve } from 'node:path';
import { type Page, test } from '@playwright/test';

/** What a page is looked at with: a laptop and a telephone. */
const WIDTHS = [1280, 375];

/** True in the project that has WebAssembly. */
export function withWasm(): boolean {
  return test.info().project.use.javaScriptEnabled !== false;
}

/** Waits until WebAssembly has taken the page over. Does nothing where there is none. */
export async function hydrated(page: Page): Promise<void> {
  if (withWasm()) {
    await page.waitForFunction(() => document.documentElement.dataset.hydrated === 'true', undefined, { timeout: 20_000 });
  }
}

/** Keeps pictures of the page in `artefacts/`, once per width. */
export async function shot(page: Page, name: string): Promise<void> {
  if (!withWasm()) {
    return;
  }
  const before = page.viewportSize();
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const path = resolve(__dirname, '../artefacts', `${name}-${width}.png`);
    await page.screenshot({ path, fullPage: true, animations: 'disabled', caret: 'hide' });
  }
  if (before) {
    await page.setViewportSize(before);
  }
}

/** How many pixels the page can be scrolled sideways: 0 is right. */
export async function sideways(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}
