import { resolve } from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import { expectAccessible } from './axe';

/** What a page is looked at with: a laptop and a telephone. */
const WIDTHS = [1280, 375];
/** Where nothing may need scrolling sideways: also magnified 400% (A-05). */
const EVERY_WIDTH = [320, 375, 768, 1280];

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

/**
 * Keeps pictures of the page in `artefacts/`, once per width. Without JavaScript only when
 * `LANYARD_SHOTS` is set: they look the same.
 */
export async function shot(page: Page, name: string): Promise<void> {
  if (!withWasm() && !process.env.LANYARD_SHOTS) {
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

/** Nothing is wider than the window, whatever its width. */
export async function expectToFit(page: Page): Promise<void> {
  const before = page.viewportSize();
  const tooWide: string[] = [];
  for (const width of EVERY_WIDTH) {
    await page.setViewportSize({ width, height: 800 });
    const pixels = await sideways(page);
    if (pixels > 0) {
      tooWide.push(`${pixels} px too wide at ${width} px`);
    }
  }
  if (before) {
    await page.setViewportSize(before);
  }
  expect(tooWide, `width of ${page.url()}`).toEqual([]);
}

/** What is asked of every page: one `h1`, a title, accessible, fits every width. And a picture to look at. */
export async function look(page: Page, name: string): Promise<void> {
  await expect(page.locator('h1')).toHaveCount(1);
  await expect(page).toHaveTitle(/ – Lanyard$/);
  await expectAccessible(page);
  await expectToFit(page);
  await shot(page, name);
}
