import type { Page } from '@playwright/test';
import { DEMO, expect, expectAccessible, shot, signIn, startInviting, test } from '../support';

const warning = (page: Page) => page.getByRole('dialog', { name: 'You are about to be signed out' });

/** Does something that asks the server, and lets the page take the answer in. */
async function answered(page: Page, act: () => Promise<void>): Promise<void> {
  const answer = page.waitForResponse((response) => response.url().includes('/fn/frame/'));
  await act();
  await (await answer).finished();
  await page.clock.runFor(500);
}

test('T-TIM-01: two minutes before the end a dialog offers to stay', async ({ app, as }) => {
  const page = await as(DEMO.sam);
  await page.clock.install();
  await app.open(page, '/o/rx1/users');
  const dialog = warning(page);
  await page.clock.fastForward('27:00');
  await expect(dialog).toBeHidden();
  await page.clock.fastForward('01:00');
  await expect(dialog).toContainText('For your security, we will log you out in 2 minutes. Your answers so far are saved.');
  await expect(dialog.locator('[aria-live=assertive]')).toHaveText('You will be signed out in 2 minutes.');
  await expect(page.getByRole('button', { name: 'Stay signed in' })).toBeFocused();
  await expectAccessible(page);
  await shot(page, 'timeout-warning');
  await page.clock.fastForward('01:10');
  await expect(dialog).toContainText(/we will log you out in \d\d seconds/);
  await expect(dialog.locator('[aria-live=assertive]')).toHaveText(/in (1 minute|40 seconds)\./);

  // Escape and the button stay; another warning comes as late as the first.
  await answered(page, () => page.keyboard.press('Escape'));
  await expect(dialog).toBeHidden();
  await page.clock.fastForward('27:00');
  await expect(dialog).toBeHidden();
  await page.clock.fastForward('01:00');
  await answered(page, () => page.getByRole('button', { name: 'Stay signed in' }).click());
  await expect(dialog).toBeHidden();
  await page.clock.fastForward('28:00');
  await expect(dialog).toBeVisible();

  // What is done in another tab counts here.
  const other = await page.context().newPage();
  await app.open(other, '/o/rx1');
  await page.clock.runFor(2_000);
  await expect(dialog).toBeHidden();
});

test('T-TIM-02: at the end what was typed is kept, and comes back', async ({ app, page, mail }) => {
  const person = DEMO.sam;
  await signIn(app, page, mail, person);
  await page.clock.install();
  await startInviting(app, page, person.slug);
  const box = page.locator('textarea[name=emails]');
  await box.fill('jane.carlton@nhs.net\nsam');
  await page.clock.fastForward('28:00');
  await expect(warning(page)).toBeVisible();
  await page.clock.fastForward('02:00');
  await expect(page.locator('h1')).toHaveText('You have been signed out');
  const back = await page.getByRole('button', { name: 'Sign in and continue' }).getAttribute('href');
  expect(back).toMatch(/^\/sign-in\?return-to=%2Fo%2F.*emails%3Fdraft%3D/);
  await page.goto(`/o/${person.slug}/users`);
  await expect(page.locator('h1')).toHaveText('Sign in');
});
