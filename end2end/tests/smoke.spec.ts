import { expect, expectAccessible, hydrated, shot, sideways, test } from '../support';

test('the server is healthy', async ({ app, request }) => {
  const response = await request.get(`${app.origin}/health`);
  expect(response.status()).toBe(200);
});

test('the start page is complete, accessible and quiet', async ({ app, page }) => {
  await app.open(page, '/');
  await expect(page).toHaveTitle(/Lanyard/);
  await expect(page.locator('h1')).toHaveCount(1);
  await expectAccessible(page);
  await shot(page, 'start');
});

test('the start page fits every width', async ({ app, page }) => {
  for (const width of [320, 375, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await app.open(page, '/');
    await hydrated(page);
    expect(await sideways(page), `at ${width} px`).toBeLessThanOrEqual(0);
  }
});
