import { DEMO, expect, startInviting, test } from '../support';

test('ux 6.18: nothing moves away from under a pressed button', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await page.setViewportSize({ width: 1280, height: 1200 });
  await startInviting(app, page, 'rx1');
  const box = page.locator('textarea[name=emails]');
  const problems = page.locator('#emails-problems');
  await box.fill('amy.moved@nhs.net');
  await expect(page.locator('#emails-count')).toHaveText('1 email address recognised.');
  const place = await page.getByRole('button', { name: 'Continue' }).boundingBox();
  expect(place).not.toBeNull();
  // Over the button already: the pause after the last key is short.
  await page.mouse.move(place!.x + 20, place!.y + 20);
  await box.press('End');
  await box.pressSequentially('\nnobody');
  await page.mouse.down();
  // Longer than the pause after which the list would appear.
  await page.waitForTimeout(600);
  await expect(problems).toBeEmpty();
  await page.mouse.up();
  await expect(page.locator('h1')).toContainText('Check these email addresses');
});
