import { DEMO, expect, test } from '../support';

test('T-USR-06: a page, ranges with shift, a live count and the mixed state', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  const rows = page.locator('tbody input[type=checkbox]');
  const whole = page.getByLabel(/^Select all \d+ on this page$/);
  const count = page.locator('.app-bulk-bar__count');
  await expect(whole).toBeVisible();
  await rows.nth(1).check();
  await expect(count).toHaveText(/^1 of \d+ users selected$/);
  expect(await whole.evaluate((box: HTMLInputElement) => box.indeterminate)).toBe(true);
  await rows.nth(5).click({ modifiers: ['Shift'] });
  await expect(count).toHaveText(/^5 of \d+ users selected$/);
  await whole.click();
  const all = await rows.count();
  await expect(count).toHaveText(new RegExp(`^${all} of \\d+ users selected$`));
  await whole.click();
  await expect(count).toHaveText(/^0 of \d+ users selected$/);
});

test('T-KEY-04: what has the focus is never under the bar', async ({ app, as }) => {
  const page = await as(DEMO.margaret);
  await app.open(page, '/o/rx2/users');
  const bar = page.locator('.app-bulk-bar--sticky');
  await expect(bar).toHaveCSS('position', 'sticky');
  const boxes = page.locator('tbody input[type=checkbox]');
  await boxes.first().focus();
  for (let press = 0; press < 60; press += 1) {
    const hidden = await page.evaluate(() => {
      const focused = document.activeElement;
      const bar = document.querySelector('.app-bulk-bar--sticky');
      if (!focused || !bar || bar.contains(focused) || !focused.closest('tbody')) {
        return false;
      }
      const [one, other] = [focused.getBoundingClientRect(), bar.getBoundingClientRect()];
      return one.bottom > other.top && one.top < other.bottom;
    });
    expect(hidden, `stop ${press}`).toBe(false);
    await page.keyboard.press('Tab');
  }
});
